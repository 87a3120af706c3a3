#include "tests/bench/poller.hpp"

#include <sys/epoll.h>
#include <sys/signalfd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <span>
#include <string>
#include <utility>

namespace belfry::bench {
namespace {

constexpr int kEventsPerTurn = 512;

int open_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

epoll_event event_of(Watched* target, bool is_writing) {
    const std::uint32_t events = is_writing ? EPOLLIN | EPOLLOUT : EPOLLIN;
    return {.events = events, .data = {.ptr = target}};
}

}  // namespace

Poller::Poller() : epoll_(epoll_create1(EPOLL_CLOEXEC)), signals_(open_signals()) {
    auto event = event_of(nullptr, false);
    epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, signals_.get(), &event);
}

void Poller::watch(int descriptor, Watched& target, bool is_writing) {
    auto event = event_of(&target, is_writing);
    epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event);
}

void Poller::change(int descriptor, Watched& target, bool is_writing) {
    auto event = event_of(&target, is_writing);
    epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, descriptor, &event);
}

void Poller::fail(Error error) {
    if (!failure_) {
        failure_ = std::move(error);
    }
}

void Poller::turn(Nanos deadline) {
    const Nanos now = system_clock().monotonic();
    const Nanos wait = std::max<Nanos>(std::min(deadline, wake_at_) - now, 0);
    const timespec longest{.tv_sec = wait / kSecond, .tv_nsec = wait % kSecond};
    std::array<epoll_event, kEventsPerTurn> events{};
    const int count = epoll_pwait2(epoll_.get(), events.data(), kEventsPerTurn, &longest, nullptr);
    for (const epoll_event& event :
         std::span(events.data(), static_cast<std::size_t>(std::max(count, 0)))) {
        if (event.data.ptr == nullptr) {
            fail({Code::closed, "interrupted"});
        } else {
            static_cast<Watched*>(event.data.ptr)->on_ready(event.events);
        }
    }
}

Result<> Poller::run_until(const std::function<bool()>& is_done, Nanos limit,
                           std::string_view what) {
    const Nanos deadline = system_clock().monotonic() + limit;
    while (!failure_) {
        wake_at_ = INT64_MAX;
        if (is_done()) {
            return {};
        }
        if (system_clock().monotonic() >= deadline) {
            return belfry::fail(Code::unavailable, std::string(what) + ": not done after " +
                                                       std::to_string(limit / kSecond) + " s");
        }
        turn(deadline);
    }
    return std::unexpected(*failure_);
}

}  // namespace belfry::bench
