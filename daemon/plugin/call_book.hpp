/// Calls into a plugin that wait for their completion.
#pragma once

#include "daemon/base/error.hpp"
#include "daemon/plugin/violations.hpp"

#include <belfry/abi.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace belfry::plugin {

/// Of one instance. Each call is finished exactly once, whatever the plugin does: a completion that
/// comes twice, or after `close`, is reported and changes nothing. Any thread. Completions reach
/// into this as long as the plugin has a bf_done, so it must outlive the plugin's threads.
class CallBook {
public:
    /// The completion's value, or why there is none. On the completing thread, outside of any lock.
    using Finish = std::move_only_function<void(Result<const void*>)>;

    explicit CallBook(Violations& violations) : violations_(violations) {}
    CallBook(const CallBook&) = delete;
    CallBook& operator=(const CallBook&) = delete;
    ~CallBook() = default;

    /// What to hand to the plugin; its `call` is NULL after `close`, and `finish` has then been
    /// told Code::closed. `call` is a literal.
    bf_done open(const char* call, Finish finish);
    /// Answers everything that waits with Code::closed, and reports it.
    void close();

private:
    /// Its low address bits are free for the turn, by which a late second completion is told from
    /// the first one of the slot's next call.
    struct alignas(64) Slot {
        CallBook* book = nullptr;
        const char* call = "";
        unsigned turn = 0;
        bool is_open = false;
        Finish finish;
    };
    static constexpr unsigned kTurns = alignof(Slot);

    static void complete(void* ctx, const bf_result* result, const void* value);
    void complete(Slot& slot, unsigned turn, const bf_result* result, const void* value);
    Slot& take_slot();

    Violations& violations_;
    std::mutex mutex_;
    std::deque<Slot> slots_;
    std::deque<Slot*> free_;  ///< the longest unused first
    bool is_closed_ = false;
};

}  // namespace belfry::plugin
