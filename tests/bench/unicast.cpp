#include "tests/bench/unicast.hpp"

#include <algorithm>

namespace belfry::bench {
namespace {

constexpr Nanos kLongestRun = 30 * kSecond;

std::string notification(std::size_t user) {
    return R"({"to":"user:)" + user_name(user) + R"(","body":")" + stampable_body() + "\"}";
}

}  // namespace

Unicast::Unicast(Poller& poller, const Daemon& daemon, const Daemon& receiving)
    : poller_(poller), daemon_(daemon), token_(daemon.producer_token()),
      audience_(poller, receiving.script({})) {}

Result<> Unicast::attach(std::size_t users) { return audience_.grow_to(users); }

/// Only when they are needed: a server may cut connections that ask nothing.
Result<> Unicast::connect(std::size_t publishers) {
    while (publishers_.size() < publishers) {
        publishers_.push_back(std::make_unique<Publisher>(poller_));
        if (auto connected = publishers_.back()->connect(daemon_.port()); !connected) {
            return connected;
        }
    }
    return {};
}

Stamped Unicast::single(std::size_t user) const {
    return Stamped(post_request("/v1/notifications", token_, notification(user)));
}

Stamped Unicast::batch(std::size_t count, std::size_t users) const {
    std::string items;
    for (std::size_t i = 0; i < count; ++i) {
        items += (i == 0 ? '[' : ',') + notification(i % users);
    }
    return Stamped(post_request("/v1/notifications/batch", token_, items + ']'));
}

bool Unicast::is_all_there(std::uint64_t entries) const {
    return audience_.received().entries >= entries &&
           std::ranges::all_of(publishers_, [](const auto& one) { return one->waiting() == 0; });
}

Result<> Unicast::check(Result<> done, std::uint64_t entries) const {
    const std::uint64_t found = audience_.received().entries;
    if (!done) {
        done.error().message +=
            "; published " + std::to_string(entries) + ", arrived " + std::to_string(found);
    } else if (found != entries) {
        return fail(Code::conflict, "published " + std::to_string(entries) +
                                        " notifications, arrived " + std::to_string(found));
    }
    return done;
}

Result<double> Unicast::run_closed(Load load, Nanos duration) {
    constexpr std::uint64_t kSampleEvery = 101;
    if (auto connected = connect(load.publishers); !connected) {
        return std::unexpected(connected.error());
    }
    audience_.begin(1, kSampleEvery);
    const Nanos begin = system_clock().monotonic();
    Nanos now = begin;
    std::uint64_t sent = 0;
    const auto send = [&](Publisher& publisher) {
        while (publisher.waiting() < load.in_flight) {
            publisher.send(load.requests[sent++ % load.requests.size()].at(now), 1);
        }
    };
    auto done = poller_.run_until(
        [&] {
            now = system_clock().monotonic();
            if (now - begin < duration) {
                std::ranges::for_each(std::span(publishers_).first(load.publishers),
                                      [&](const auto& publisher) { send(*publisher); });
                return false;
            }
            return is_all_there(sent * load.entries);
        },
        kLongestRun, "publishing");
    done = check(std::move(done), sent * load.entries);
    if (!done) {
        return std::unexpected(done.error());
    }
    return static_cast<double>(sent * load.entries) * static_cast<double>(kSecond) /
           static_cast<double>(now - begin);
}

Result<Samples> Unicast::run_paced(Load load, Nanos interval, std::size_t count) {
    if (auto connected = connect(load.publishers); !connected) {
        return std::unexpected(connected.error());
    }
    audience_.begin(1, 1);
    const Nanos begin = system_clock().monotonic();
    std::size_t sent = 0;
    auto done = poller_.run_until(
        [&] {
            const auto due = [&] { return begin + static_cast<Nanos>(sent) * interval; };
            for (; sent < count && due() <= system_clock().monotonic(); ++sent) {
                publishers_[sent % load.publishers]->send(
                    load.requests[sent % load.requests.size()].at(due()), 1);
            }
            if (sent < count) {
                poller_.wake_at(due());
            }
            return sent == count && is_all_there(count * load.entries);
        },
        kLongestRun, "paced publishing");
    done = check(std::move(done), count * load.entries);
    if (!done) {
        return std::unexpected(done.error());
    }
    return audience_.received().latencies;
}

}  // namespace belfry::bench
