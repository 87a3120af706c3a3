/// Threads that begin together.
#pragma once

#include <atomic>
#include <exception>
#include <functional>
#include <latch>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace belfry::conformance {

/// Runs `work(number)` on `count` threads; `run` returns when all have ended, and throws the first
/// exception of theirs.
class Crew {
public:
    Crew(int count, std::function<void(int)> work)
        : working_(count), start_(count), work_(std::move(work)) {
        threads_.reserve(static_cast<std::size_t>(count));
        for (int number = 0; number < count; ++number) {
            threads_.emplace_back([this, number] { run(number); });
        }
    }
    Crew(const Crew&) = delete;
    Crew& operator=(const Crew&) = delete;
    ~Crew() { join(); }

    /// Are some still at it?
    [[nodiscard]] bool is_working() const { return working_ > 0; }
    void wait() {
        join();
        if (failure_) {
            std::rethrow_exception(std::exchange(failure_, nullptr));
        }
    }

private:
    void run(int number) {
        start_.arrive_and_wait();
        try {
            work_(number);
        } catch (...) {
            const std::lock_guard lock(mutex_);
            failure_ = std::current_exception();
        }
        --working_;
    }
    void join() {
        for (auto& thread : threads_) {
            if (thread.joinable()) {
                thread.join();
            }
        }
    }

    std::atomic<int> working_;
    std::latch start_;
    std::function<void(int)> work_;
    std::mutex mutex_;
    std::exception_ptr failure_;
    std::vector<std::thread> threads_;
};

}  // namespace belfry::conformance
