#include "daemon/net/loop.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace belfry::net {
namespace {

constexpr std::size_t kScratch = 64 * 1024;
constexpr int kEventsPerTurn = 512;

/// The loop that runs on this thread.
thread_local Loop* current_loop = nullptr;

int checked(int result, const char* what) {
    if (result < 0) {
        throw std::system_error(errno, std::generic_category(), what);
    }
    return result;
}

}  // namespace

Loop::Loop(const Clock& clock)
    : clock_(clock), epoll_(checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      wakeup_(checked(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")),
      wheel_(clock.monotonic()), scratch_(kScratch), turn_time_(clock.monotonic()) {
    epoll_event event{.events = EPOLLIN, .data = {.ptr = nullptr}};
    checked(epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wakeup_.get(), &event), "epoll_ctl");
}

Loop::~Loop() = default;

void Loop::wake() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wakeup_.get(), &one, sizeof one);
}

void Loop::post(Task task) {
    if (!inbox_.push(std::move(task))) {
        return;  // whoever found it empty wakes
    }
    Loop* poster = current_loop;
    if (poster == nullptr) {
        wake();
    } else if (poster == this) {
        has_posted_ = true;
    } else {
        poster->to_wake_.push_back(this);
    }
}

void Loop::wake_others() {
    for (Loop* loop : to_wake_) {
        loop->wake();
    }
    to_wake_.clear();
}

void Loop::after(Nanos delay, Task task) {
    const Nanos due = clock_.monotonic() + delay;
    post([this, due, task = std::move(task)]() mutable {
        timers_.push({due, timer_order_++, std::move(task)});
    });
}

bool Loop::add(int descriptor, Pollable& target) {
    epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                      .data = {.ptr = &target}};
    return epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event) == 0;
}

void Loop::add_listener(int descriptor, Pollable& target) {
    epoll_event event{.events = EPOLLIN, .data = {.ptr = &target}};
    checked(epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event), "epoll_ctl");
}

void Loop::remove(int descriptor) { epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, descriptor, nullptr); }

int Loop::wait_time() const {
    if (has_posted_) {
        return 0;
    }
    Nanos wait = TimerWheel::kTick;
    if (!timers_.empty()) {
        wait = std::clamp<Nanos>(timers_.top().due - clock_.monotonic(), 0, wait);
    }
    return static_cast<int>((wait + kMillisecond - 1) / kMillisecond);
}

void Loop::run_timers() {
    wheel_.advance(turn_time_);
    while (!timers_.empty() && timers_.top().due <= turn_time_) {
        Task task = std::move(timers_.top().task);
        timers_.pop();
        task();
    }
}

void Loop::flush_dirty() {
    // A flush may make others dirty (a connection that closes); those are met in the same pass.
    for (std::size_t i = 0; i < dirty_.size(); ++i) {
        const std::shared_ptr<Flushable> target = std::move(dirty_[i]);
        target->flush();
    }
    dirty_.clear();
}

void Loop::turn() {
    std::array<epoll_event, kEventsPerTurn> events{};
    const int count = epoll_wait(epoll_.get(), events.data(), kEventsPerTurn, wait_time());
    turn_time_ = clock_.monotonic();
    wheel_.observe(turn_time_);
    for (const epoll_event& event : std::span(events.data(), std::max(count, 0))) {
        if (event.data.ptr == nullptr) {
            std::uint64_t ignored = 0;
            [[maybe_unused]] const auto got = ::read(wakeup_.get(), &ignored, sizeof ignored);
        } else {
            static_cast<Pollable*>(event.data.ptr)->on_ready(event.events);
        }
    }
    has_posted_ = false;
    inbox_.run();
    run_timers();
    wake_others();
    flush_dirty();
    wake_others();
    turns_.fetch_add(1, std::memory_order_relaxed);
}

void Loop::run() {
    current_loop = this;
    while (!stopping_.load(std::memory_order_acquire)) {
        turn();
    }
    current_loop = nullptr;
}

void Loop::discard() {
    inbox_.clear();
    timers_ = {};
    dirty_.clear();
}

void Loop::stop() {
    stopping_.store(true, std::memory_order_release);
    wake();
}

}  // namespace belfry::net
