// The life of the broker.
#include "plugins/broker/kafka/broker.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace belfry::kafka {
namespace {

constexpr int kStopPatience = 3'000;  // ms

std::unique_ptr<Shared> make_shared_parts(const sdk::Env& env, std::string_view config) try {
    return std::make_unique<Shared>(env, parse_settings(config));
} catch (const sdk::Failure& failure) {
    throw sdk::ConfigError(failure.what());
}

}  // namespace

/// Completes when no source has anything in flight, or at the deadline.
class Broker::Drain {
public:
    Drain(std::size_t sources, sdk::Done<> done) : left_(sources + 1), done_(std::move(done)) {}

    void one_less() {
        bool is_over = false;
        {
            const std::lock_guard lock(mutex_);
            is_over = --left_ == 0;
        }
        if (is_over) {
            complete();
        }
    }
    void complete() {
        std::optional<sdk::Done<>> done;
        {
            const std::lock_guard lock(mutex_);
            done = std::exchange(done_, std::nullopt);
        }
        if (done) {
            done->ok();
        }
    }

private:
    std::mutex mutex_;
    std::size_t left_;
    std::optional<sdk::Done<>> done_;
};

void Broker::check(std::string_view config) try {
    check_properties(parse_settings(config));
} catch (const sdk::Failure& failure) {
    throw sdk::ConfigError(failure.what());
}

Broker::Broker(sdk::Env env, std::string_view /*name*/, std::string_view config)
    : sdk::Broker(env), shared_(make_shared_parts(env, config)),
      bus_(std::make_unique<Bus>(*shared_)) {}

Broker::~Broker() {
    if (life_.joinable()) {
        life_.join();
    } else {
        end();
    }
}

void Broker::start(sdk::Done<> done) {
    {
        const std::lock_guard lock(mutex_);
        is_running_ = true;
    }
    shared_->looker.start();
    shared_->clerk.start();
    shared_->producer.start();
    shared_->watch.start(std::move(done), [this] {
        for (const auto& source : all()) {
            if (source->is_active()) {
                source->inspect();
            }
        }
    });
}

void Broker::drain(std::int64_t deadline, sdk::Done<> done) {
    const auto sources = all();
    {
        const std::lock_guard lock(mutex_);
        is_draining_ = true;
    }
    drain_ = std::make_shared<Drain>(sources.size(), std::move(done));
    env().after(std::max<std::int64_t>(deadline - env().now(), 0),
                [drain = drain_] { drain->complete(); });
    for (const auto& source : sources) {
        source->drain([drain = drain_] { drain->one_less(); });
    }
    drain_->one_less();
}

void Broker::stop(sdk::Done<> done) {
    life_ = std::thread([this, done = std::move(done)]() mutable {
        end();
        done.ok();
    });
}

// The sources first: their last letters go through the producer.
void Broker::end() {
    {
        const std::lock_guard lock(mutex_);
        is_running_ = false;
    }
    const auto sources = all();
    for (const auto& source : sources) {
        source->stop();
    }
    for (const auto& source : sources) {
        source->join();
    }
    bus_->stop();
    shared_->clerk.stop();
    shared_->looker.stop();
    shared_->watch.stop();
    shared_->producer.stop(shared_->standing.is_up() ? kStopPatience : 0);
    if (drain_ != nullptr) {
        drain_->complete();
    }
}

sdk::Applied Broker::apply(std::string_view config) {
    return parse_settings(config) == shared_->settings ? sdk::Applied::applied
                                                       : sdk::Applied::restart;
}

}  // namespace belfry::kafka
