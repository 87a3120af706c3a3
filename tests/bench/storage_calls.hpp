/// Calls of a storage that are under way.
#pragma once

#include "daemon/base/error.hpp"
#include "daemon/base/time.hpp"

#include <belfry/abi/core.h>

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace belfry::bench {

/// One thread makes calls and waits; completions come on any thread. Ends after the storage, which
/// may still complete what was given up here.
class Calls {
public:
    /// Takes the completion's value -> what is wrong with it; empty = nothing. Completions run it
    /// one at a time.
    using Take = std::function<std::string(const void* value)>;

    Calls() = default;
    Calls(const Calls&) = delete;
    Calls& operator=(const Calls&) = delete;

    /// For one call, which is made now.
    bf_done begin(Take take);
    [[nodiscard]] std::size_t under_way() const;
    /// Waits until fewer than `count` are under way, or until the monotonic `time` -> whether they
    /// are. The first thing that went wrong where something did.
    Result<bool> wait(std::size_t count, Nanos time);
    /// The same; `unavailable` where it takes minutes.
    Result<> wait(std::size_t count);

private:
    struct Slot {
        Calls* calls = nullptr;
        Take take;
    };
    static void complete(void* ctx, const bf_result* result, const void* value);
    void finish(Slot& slot, const bf_result& result, const void* value);

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::unique_ptr<Slot>> slots_;
    std::vector<Slot*> free_;
    std::string trouble_;
};

}  // namespace belfry::bench
