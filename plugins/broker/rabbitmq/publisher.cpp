// The publisher's life: its thread, its connection, and what waits for it.
#include "plugins/broker/rabbitmq/publisher.hpp"

#include <utility>

namespace belfry::rabbitmq {

namespace {

constexpr std::size_t kMostOpen = 4'096;
constexpr std::size_t kMostBytes = std::size_t{256} << 20U;
constexpr std::int64_t kRetryWhenFull = 50'000'000;
constexpr std::int64_t kRetryWhenBlocked = 1'000'000'000;
constexpr std::int64_t kTurn = 5'000'000'000;
const std::string kPart = "publisher";

}  // namespace

Publisher::Publisher(const Settings& settings, const sdk::Env& env, Standing& standing)
    : settings_(settings), place_(settings.place()), env_(env), standing_(standing),
      published_(env.counter("rabbitmq_published_total", "Messages confirmed by the broker")),
      failed_(env.counter("rabbitmq_publish_failed_total", "Messages that were not confirmed")),
      reconnects_(env.counter("rabbitmq_reconnects_total", "Connections made again",
                              {{"connection", "publisher"}})),
      waiting_(env.gauge("rabbitmq_unconfirmed", "Messages sent and not confirmed yet")),
      backoff_(env) {}

Publisher::~Publisher() { stop(); }

void Publisher::start(sdk::Done<> done) {
    thread_ = std::thread([this, done = std::move(done)]() mutable { run(std::move(done)); });
}

void Publisher::stop() {
    set_stage(Stage::stopped);
    wake_.notify();
    cutter_.cut();
    if (thread_.joinable()) {
        thread_.join();
    }
    tell_all(take_outbox(), {sdk::Status::closed, place_ + ": is being stopped"});
}

void Publisher::publish(Message message, Told told, bool bounded) {
    const std::size_t bytes = message.bytes();
    Verdict verdict;
    {
        const std::lock_guard lock(mutex_);
        if (stage_ == Stage::created || stage_ == Stage::stopped) {
            verdict = {sdk::Status::closed, place_ + ": is not running"};
        } else if (stage_ == Stage::disconnected) {
            verdict = {sdk::Status::unavailable, reason_};
        } else if (!reason_.empty()) {
            verdict = {sdk::Status::retry, reason_, kRetryWhenBlocked};
        } else if (bounded && (open_ >= kMostOpen || open_bytes_ + bytes > kMostBytes)) {
            verdict = {sdk::Status::retry, place_ + ": too many messages wait to be confirmed",
                       kRetryWhenFull};
        } else {
            outbox_.push_back({std::move(message), std::move(told)});
            ++open_;
            open_bytes_ += bytes;
        }
    }
    if (verdict.status == sdk::Status::ok) {
        wake_.notify();
    } else {
        told(verdict);
    }
}

void Publisher::run(sdk::Done<> done) {
    if (!try_begin(std::move(done))) {
        return;
    }
    while (!is_stopped()) {
        try {
            if (connection_ == nullptr) {
                connect();
                reconnects_.add();
            }
            serve();
        } catch (const Trouble& trouble) {
            lose(trouble);
            wait_to_reconnect();
        }
    }
    cutter_.release();
    tell_unconfirmed({sdk::Status::closed, place_ + ": is being stopped"});
    probe_.reset();
    connection_.reset();
}

bool Publisher::try_begin(sdk::Done<> done) {
    try {
        connect();
    } catch (const Trouble& trouble) {
        connection_.reset();
        done.fail(trouble.failure(place_));
        return false;
    }
    done.ok();
    return true;
}

void Publisher::connect() {
    connection_ = std::make_unique<Connection>(settings_, "publisher");
    cutter_.hold(*connection_);
    probe_ = std::make_unique<Probe>(*connection_);
    exchanges_.clear();
    open_channel();
    is_blocked_ = false;
    backoff_.succeeded();
    set_stage(Stage::connected);
    standing_.clear(kPart);
}

void Publisher::serve() {
    while (!is_stopped()) {
        while (const auto frame = connection_->next()) {
            take(*frame);
        }
        watch_blocked();
        give_up_old();
        send_all();
        waiting_.set(static_cast<double>(unconfirmed_.size()));
        connection_->wait(wake_, kTurn);
    }
}

void Publisher::lose(const Trouble& trouble) {
    cutter_.release();
    probe_.reset();
    connection_.reset();
    const std::string reason = place_ + ": " + trouble.what();
    {
        const std::lock_guard lock(mutex_);
        if (stage_ == Stage::stopped) {
            return;
        }
        stage_ = Stage::disconnected;
        reason_ = reason;
    }
    standing_.set(kPart, sdk::Health::down, reason);
    env_.log(sdk::Level::warning, "connection lost",
             {{"place", place_}, {"connection", "publisher"}, {"reason", trouble.what()}});
    tell_unconfirmed({sdk::Status::retry, reason});
    tell_all(take_outbox(), {sdk::Status::unavailable, reason});
}

void Publisher::wait_to_reconnect() {
    const std::int64_t until = backoff_.failed();
    for (auto now = env_.monotonic(); now < until && !is_stopped(); now = env_.monotonic()) {
        wake_.wait(-1, until - now);
    }
}

bool Publisher::is_stopped() const {
    const std::lock_guard lock(mutex_);
    return stage_ == Stage::stopped;
}

void Publisher::watch_blocked() {
    const auto& blocked = connection_->blocked();
    if (blocked.empty() != is_blocked_) {
        return;
    }
    is_blocked_ = !blocked.empty();
    const std::string reason = is_blocked_ ? place_ + ": takes no messages: " + blocked : "";
    {
        const std::lock_guard lock(mutex_);
        reason_ = reason;
    }
    if (!is_blocked_) {
        standing_.clear(kPart);
        return;
    }
    standing_.set(kPart, sdk::Health::degraded, reason);
    env_.log(sdk::Level::warning, "broker takes no messages",
             {{"place", place_}, {"reason", blocked}});
    tell_all(take_outbox(), {sdk::Status::retry, reason, kRetryWhenBlocked});
}

std::deque<Publisher::Letter> Publisher::take_outbox() {
    const std::lock_guard lock(mutex_);
    return std::exchange(outbox_, {});
}

void Publisher::set_stage(Stage stage) {
    const std::lock_guard lock(mutex_);
    if (stage_ != Stage::stopped) {
        stage_ = stage;
        reason_.clear();
    }
}

}  // namespace belfry::rabbitmq
