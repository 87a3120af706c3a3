#include "tests/bench/storage_calls.hpp"

#include <chrono>
#include <string_view>
#include <utility>

namespace belfry::bench {
namespace {

constexpr Nanos kPatience = 300 * kSecond;

std::chrono::steady_clock::time_point point_of(Nanos monotonic) {
    return std::chrono::steady_clock::now() +
           std::chrono::nanoseconds(monotonic - system_clock().monotonic());
}

}  // namespace

bf_done Calls::begin(Take take) {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) {
        free_.push_back(slots_.emplace_back(std::make_unique<Slot>()).get());
    }
    Slot* slot = free_.back();
    free_.pop_back();
    slot->calls = this;
    slot->take = std::move(take);
    return {slot, &Calls::complete};
}

void Calls::complete(void* ctx, const bf_result* result, const void* value) {
    auto& slot = *static_cast<Slot*>(ctx);
    slot.calls->finish(slot, *result, value);
}

void Calls::finish(Slot& slot, const bf_result& result, const void* value) {
    const std::lock_guard lock(mutex_);
    std::string trouble;
    if (result.status != BF_OK || value == nullptr) {
        trouble = "the storage answered " + std::to_string(result.status) + ": " +
                  std::string(result.message.ptr, result.message.len);
    } else {
        trouble = slot.take(value);
    }
    if (trouble_.empty()) {
        trouble_ = std::move(trouble);
    }
    free_.push_back(&slot);
    changed_.notify_one();
}

std::size_t Calls::under_way() const {
    const std::lock_guard lock(mutex_);
    return slots_.size() - free_.size();
}

Result<bool> Calls::wait(std::size_t count, Nanos time) {
    std::unique_lock lock(mutex_);
    const auto is_below = [&] { return slots_.size() - free_.size() < count || !trouble_.empty(); };
    const bool is_done = changed_.wait_until(lock, point_of(time), is_below);
    if (!trouble_.empty()) {
        return fail(Code::unavailable, trouble_);
    }
    return is_done;
}

Result<> Calls::wait(std::size_t count) {
    const auto is_done = wait(count, system_clock().monotonic() + kPatience);
    if (!is_done) {
        return std::unexpected(is_done.error());
    }
    return *is_done ? Result<>() : fail(Code::unavailable, "a call is not completed");
}

}  // namespace belfry::bench
