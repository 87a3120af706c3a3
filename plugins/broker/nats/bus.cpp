#include "plugins/broker/nats/bus.hpp"

#include "plugins/broker/nats/message.hpp"

#include <charconv>
#include <utility>

namespace belfry::nats {
namespace {

constexpr std::size_t kMostQueued = 4'096;
constexpr int kMostWaiting = 65'536;

}  // namespace

Bus::Bus(Loop& loop, Loop& clerk, const std::string& prefix, sdk::Env env)
    : loop_(loop), clerk_(clerk), prefix_(prefix + ".bus."),
      lost_(env.counter("nats_bus_lost_total", "Bus messages not sent")) {}

void Bus::attach(std::shared_ptr<Link> link) {
    link_ = std::move(link);
    bool listens = false;
    {
        const std::lock_guard lock(mutex_);
        listens = ear_ != nullptr;
    }
    if (listens) {
        subscribe();
    }
}

void Bus::detach() {
    subscribed_.reset();
    link_ = nullptr;
}

void Bus::broadcast(std::uint32_t partition, sdk::Bytes message) {
    if (++queued_ > kMostQueued) {
        --queued_;
        lost_.add();
        return;
    }
    Draft draft{prefix_ + std::to_string(partition), {}, {}, sdk::text_of(sdk::bytes_of(message))};
    loop_.post([this, made = make_message(draft)] {
        --queued_;
        if (link_ == nullptr || link_->send(made) != NATS_OK) {
            lost_.add();
        }
    });
}

void Bus::listen(std::unordered_set<std::uint32_t> partitions, sdk::Listener listener,
                 sdk::Done<> done) {
    const bool hears = !partitions.empty();
    auto ear = hears ? std::make_shared<const Ear>(Ear{std::move(partitions), listener}) : nullptr;
    {
        const std::lock_guard lock(mutex_);
        ear_ = std::move(ear);
    }
    try {
        if (hears && link_ != nullptr && subscribed_ == nullptr) {
            subscribe();
        } else if (!hears) {
            subscribed_.reset();
        }
    } catch (const sdk::Failure& failure) {
        done.fail(failure);  // heard as soon as there is a connection
        return;
    }
    clerk_.post([this, link = link_, done = std::move(done)]() mutable {
        wait_for_former();
        if (link != nullptr) {
            (void)link->flush();
        }
        done.ok();
    });
}

void Bus::subscribe() {
    subscribed_ = link_->subscribe({prefix_ + "*", "", kMostWaiting},
                                   [this](const Message& message) { heard(message); });
}

void Bus::heard(const Message& message) {
    const auto number = subject_of(message).substr(prefix_.size());
    std::uint32_t partition = 0;
    const char* end = number.data() + number.size();
    const auto read = std::from_chars(number.data(), end, partition);
    if (read.ec != std::errc() || read.ptr != end) {
        return;
    }
    std::unique_lock lock(mutex_);
    const auto ear = ear_;
    if (ear == nullptr || !ear->partitions.contains(partition)) {
        return;
    }
    hearing_ = ear;
    lock.unlock();
    ear->listener.hear(ear->listener.ctx, partition, sdk::bytes_of(body_of(message)));
    lock.lock();
    hearing_ = nullptr;
    changed_.notify_all();
}

void Bus::wait_for_former() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return hearing_ == nullptr || hearing_ == ear_; });
}

}  // namespace belfry::nats
