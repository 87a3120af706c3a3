// The life cycle of an instance, and its connection.
#include "plugins/broker/nats/broker.hpp"
#include "plugins/broker/nats/jitter.hpp"

#include <algorithm>
#include <utility>

namespace belfry::nats {
namespace {

constexpr std::chrono::milliseconds kFirstDelay{100};
constexpr std::chrono::milliseconds kLongestDelay{10'000};
constexpr std::chrono::milliseconds kDrainStep{20};

}  // namespace

Broker::~Broker() {
    if (life_.joinable()) {
        life_.join();
    }
}

void Broker::start(sdk::Done<> done) {
    is_started_ = true;
    loop_.start();
    clerk_.start();
    clerk_.post([this, done = std::move(done)]() mutable {
        try {
            auto made = make_link();
            loop_.post([this, made = std::move(made), done = std::move(done)]() mutable {
                is_running_ = true;
                connected(std::move(made));
                done.ok();
            });
        } catch (const sdk::Failure& failure) {
            done.fail(failure.status, place_ + ": " + failure.what());
        }
    });
}

void Broker::drain(std::int64_t deadline, sdk::Done<> done) {
    is_draining_ = true;
    const auto left = std::chrono::nanoseconds(std::max<std::int64_t>(deadline - env().now(), 0));
    loop_.post([this, left, done = std::move(done)]() mutable {
        end_sources();
        check_drained(Loop::Clock::now() + left, std::move(done));
    });
}

void Broker::check_drained(Loop::Clock::time_point until, sdk::Done<> done) {
    forget_done();
    if (sources_.empty() || is_stopping_ || Loop::Clock::now() >= until) {
        done.ok();
        return;
    }
    loop_.after(kDrainStep, [this, until, done = std::move(done)]() mutable {
        check_drained(until, std::move(done));
    });
}

void Broker::stop(sdk::Done<> done) {
    is_running_ = false;
    is_stopping_ = true;
    if (!is_started_) {
        done.ok();
        return;
    }
    life_ = std::thread([this, done = std::move(done)]() mutable {
        close();
        done.ok();
    });
}

void Broker::close() {
    const auto give_back = [this] {
        end_sources();
        std::ranges::for_each(sources_, [](const auto& source) { source->give_back(); });
    };
    std::shared_ptr<Link> link;
    loop_.run([&] {
        give_back();
        link = link_;
    });
    if (link != nullptr && link->flush()) {
        // What was on its way when the subscriptions ended has arrived by now.
        loop_.run(give_back);
        (void)link->flush();
    }
    link.reset();
    loop_.run([&] { lose_link(); });
    clerk_.finish();
    loop_.finish();
    sources_.clear();
}

sdk::Applied Broker::apply(std::string_view config) {
    return parse_settings(config) == settings_ ? sdk::Applied::applied : sdk::Applied::restart;
}

void Broker::end_sources() {
    for (const auto& source : sources_) {
        if (source->is_active()) {
            source->end();
        }
    }
    forget_done();
}

Broker::Made Broker::make_link() {
    const auto number = ++links_;
    const auto on_lost = [this, number](const std::string& reason) {
        loop_.post([this, number, reason] {
            if (links_ == number && !is_stopping_) {
                lost(reason);
            }
        });
    };
    return {number, std::make_shared<Link>(settings_, env(), on_lost)};
}

void Broker::connect() {
    clerk_.post([this] {
        if (is_stopping_) {
            return;
        }
        try {
            loop_.post([this, made = make_link()]() mutable { connected(std::move(made)); });
        } catch (const sdk::Failure& failure) {
            loop_.post([this, reason = std::string(failure.what())] { lost(reason); });
        }
    });
}

void Broker::connected(Made made) {
    if (is_stopping_ || links_ != made.number) {
        clerk_.post([made = std::move(made)] {});  // lost before it was used
        return;
    }
    link_ = std::move(made.link);
    failures_ = 0;
    down_.clear();
    try {
        confirms_.attach(*link_);
        publisher_.attach(link_);
        bus_.attach(link_);
    } catch (const sdk::Failure& failure) {
        lost(failure.what());
        return;
    }
    env().log(sdk::Level::info, "connected", {{"place", place_}});
    for (const auto& source : sources_) {
        source->attach(link_, [](const auto&) {});
    }
    report();
}

void Broker::lost(const std::string& reason) {
    ++links_;  // whatever else is said of the lost one comes too late
    if (link_ != nullptr) {
        reconnects_.add();
        env().log(sdk::Level::warning, "connection lost", {{"place", place_}, {"reason", reason}});
    }
    down_ = reason;
    lose_link();
    report();
    if (!is_stopping_) {
        loop_.after(jitter(env(), kFirstDelay, kLongestDelay, failures_++), [this] { connect(); });
    }
}

void Broker::lose_link() {
    if (auto former = std::exchange(link_, nullptr)) {
        for (const auto& source : sources_) {
            source->detach();
        }
        bus_.detach();
        publisher_.detach();
        confirms_.detach();
        // Closing it waits for its threads.
        clerk_.post([former = std::move(former)] {});
    }
    forget_done();
}

void Broker::report() {
    auto state = sdk::Health::ok;
    std::string reason;
    if (link_ == nullptr) {
        state = sdk::Health::down;
        reason = place_ + ": " + down_;
    } else {
        for (const auto& source : sources_) {
            if (source->is_active() && !source->trouble().empty()) {
                state = sdk::Health::degraded;
                reason += (reason.empty() ? "" : "; ") + ("source " + source->order().name) + ": " +
                          source->trouble();
            }
        }
    }
    if (std::exchange(reported_, reason) != reason) {
        env().health(state, reason);
    }
}

}  // namespace belfry::nats
