/// The end of a daemon.
#include "daemon/base/log.hpp"
#include "daemon/base/wait.hpp"
#include "daemon/net/core_thread.hpp"
#include "daemon/runtime.hpp"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

namespace belfry {
namespace {

constexpr auto kStep = std::chrono::milliseconds(20);
/// For steps that are quick unless something is broken.
constexpr Nanos kShortest = 2 * kSecond;
constexpr std::size_t kFewConnections = 100;

Nanos now() { return system_clock().monotonic(); }

/// A completion that has no result.
auto as_task(auto done) {
    return [done = std::move(done)]() mutable { done({}); };
}

}  // namespace

void Runtime::serve_on(Nanos until, const std::function<bool()>& is_hurried) const {
    while (doors_ != nullptr && now() < until && !is_hurried()) {
        std::this_thread::sleep_for(kStep);
    }
}

void Runtime::drain_sessions(Nanos until, const std::function<bool()>& is_hurried) const {
    // Slots are spread over the first half of the time; the second half is for those that are slow
    // to go.
    const Nanos window = std::max<Nanos>(until - now(), 0) / 2;
    const bool few = engine_->connections() < kFewConnections;
    engine_->drain(few ? std::min(window, kSecond) : window);
    while (engine_->connections() > 0 && now() < until && !is_hurried()) {
        std::this_thread::sleep_for(kStep);
    }
}

void Runtime::finish_work(Nanos until) {
    // What sessions have still to say, their last acks, goes into the last commit.
    if (engine_ != nullptr) {
        engine_->stop();
    }
    if (identity_ != nullptr) {
        identity_->close();
    }
    const Nanos limit = std::max(until - now(), kShortest);
    if (ingest_ != nullptr &&
        !wait_for([this](auto done) { ingest_->close(as_task(std::move(done))); }, limit)) {
        log::error("commits in hand could not be finished; nobody was told that they were");
    }
    if (health_ != nullptr) {
        health_->stop();
    }
}

void Runtime::stop_plugins(Nanos until) {
    const Nanos left = std::max(until - now(), kShortest);
    const Nanos deadline = system_clock().now() + left;
    [[maybe_unused]] const auto drained =
        wait_for([&](auto done) { plugins_->drain_all(deadline, as_task(std::move(done))); }, left);
    // The host has a limit of its own for each instance.
    if (!wait_for([this](auto done) { plugins_->stop_all(as_task(std::move(done))); },
                  10 * kSecond)) {
        log::error("plugins did not stop in time");
    }
}

void Runtime::stop(const std::function<bool()>& is_hurried) {
    is_stopped_ = true;
    const Nanos serve_until = now() + profile_.shutdown.delay;
    const Nanos until = serve_until + profile_.shutdown.timeout;
    ops::notify_stopping("draining");
    if (health_ != nullptr) {
        health_->set_draining();
    }
    serve_on(serve_until, is_hurried);
    const bool is_serving = watchdog_ != nullptr;
    if (is_serving) {
        doors_->stop();
    }
    stop_sources();
    if (is_serving) {
        drain_sessions(until, is_hurried);
    }
    finish_work(until);
    if (plugins_ != nullptr) {
        stop_plugins(until);
    }
    if (core_ != nullptr) {
        core_->stop();
    }
    log::info("stopped");
}

}  // namespace belfry
