/// What the tests of identity share.
#pragma once

#include "daemon/base/metrics.hpp"
#include "daemon/identity/identity.hpp"
#include "daemon/net/server.hpp"
#include "tests/support/memory_storage.hpp"

#include <future>
#include <memory>
#include <string>
#include <vector>

namespace belfry::test {

constexpr Nanos kNow = 1'800'000'000 * kSecond;

/// Time that stands still unless told.
class FixedClock final : public Clock {
public:
    [[nodiscard]] Nanos now() const override { return kNow + moved; }
    [[nodiscard]] Nanos monotonic() const override { return moved; }
    std::atomic<Nanos> moved{0};
};

/// Calls something asynchronous and waits for its answer.
template <class Value>
Result<Value> await(const std::function<void(Callback<Value>)>& call) {
    std::promise<Result<Value>> promise;
    auto future = promise.get_future();
    call([&promise](Result<Value> result) { promise.set_value(std::move(result)); });
    return future.get();
}

inline config::PasswordSettings cheap_passwords() {
    return {.memory = 64 * 1024, .passes = 1, .threads = 2, .queue = 64, .min_length = 8};
}

/// Hash threads, a core thread, a storage in memory, and Users on top.
class UsersWorld {
public:
    UsersWorld() { core.start(); }
    ~UsersWorld() {
        passwords.reset();
        core.stop();
    }

    FixedClock clock;
    net::Shard core{0, system_clock()};
    Metrics metrics;
    MemoryStorage storage;
    Ingest ingest{core.loop(), storage, clock, IngestSettings{}, metrics, [](const auto&) {}};
    std::unique_ptr<Passwords> passwords = std::move(Passwords::make(cheap_passwords()).value());
    Tokens tokens{{"belfry", "belfry", std::string(32, 's'), 3600 * kSecond}, clock};
    Users users{{core.loop(), ingest, storage, clock, *passwords, tokens}};
};

}  // namespace belfry::test
