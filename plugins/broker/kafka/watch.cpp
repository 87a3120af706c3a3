#include "plugins/broker/kafka/watch.hpp"

#include "plugins/broker/kafka/topics.hpp"

#include <chrono>
#include <utility>

namespace belfry::kafka {
namespace {

constexpr int kProbePatience = 1'500;  // ms
constexpr std::chrono::milliseconds kWaitWhenUp{1'500};
constexpr std::chrono::milliseconds kWaitWhenDown{300};
constexpr std::int64_t kStartPatience = 15'000'000'000;  // ns

}  // namespace

Watch::Watch(const sdk::Env& env, const Settings& settings, Standing& standing)
    : env_(env), place_(settings.place()), standing_(standing),
      handle_(make_handle(RD_KAFKA_CONSUMER,
                          make_conf(settings, {}, {{"isolation.level", "read_committed"}}),
                          *this)) {}

void Watch::start(sdk::Done<> done, Look look) {
    started_ = std::move(done);
    start_until_ = env_.monotonic() + kStartPatience;
    look_ = std::move(look);
    thread_ = std::thread([this] { run(); });
}

void Watch::stop() {
    {
        const std::lock_guard lock(mutex_);
        is_over_ = true;
        changed_.notify_one();
    }
    if (thread_.joinable()) {
        thread_.join();
    }
}

void Watch::trouble(rd_kafka_resp_err_t code, const std::string& text) {
    const std::lock_guard lock(mutex_);
    if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
        // Says less than what was said of each of them before.
        is_suspect_ = true;
        changed_.notify_one();
        return;
    }
    is_refused_ = code == RD_KAFKA_RESP_ERR__AUTHENTICATION;
    trouble_ = text;
    if (is_refused_) {
        is_suspect_ = true;
        changed_.notify_one();
    }
}

void Watch::run() {
    do {
        probe();
        if (standing_.is_up()) {
            look_();
        }
    } while (wait());
    if (started_) {
        started_->fail(sdk::Status::closed, place_ + ": the start was given up");
        started_.reset();
    }
}

bool Watch::wait() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, standing_.is_up() ? kWaitWhenUp : kWaitWhenDown,
                      [this] { return is_over_ || (is_suspect_ && standing_.is_up()); });
    is_suspect_ = false;
    return !is_over_;
}

void Watch::probe() {
    (void)rd_kafka_poll(handle_.get(), 0);
    const rd_kafka_metadata_t* found = nullptr;
    const auto code = rd_kafka_metadata(handle_.get(), 0, nullptr, &found, kProbePatience);
    const MetadataPtr metadata(found);
    (void)rd_kafka_poll(handle_.get(), 0);
    std::string reason;
    {
        const std::lock_guard lock(mutex_);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
            trouble_.clear();
            is_refused_ = false;
        } else {
            reason = place_ + ": " + (trouble_.empty() ? text_of(code) : trouble_);
        }
    }
    standing_.set_link(code == RD_KAFKA_RESP_ERR_NO_ERROR, reason);
    answer_start(code == RD_KAFKA_RESP_ERR_NO_ERROR);
}

void Watch::answer_start(bool is_up) {
    if (!started_) {
        return;
    }
    bool is_refused = false;
    {
        const std::lock_guard lock(mutex_);
        is_refused = is_refused_;
    }
    if (!is_up && !is_refused && env_.monotonic() < start_until_) {
        return;
    }
    auto started = std::exchange(started_, std::nullopt);
    if (is_up) {
        started->ok();
    } else {
        started->fail(is_refused ? sdk::Status::refused : sdk::Status::unavailable,
                      standing_.reason());
    }
}

}  // namespace belfry::kafka
