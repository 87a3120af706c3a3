/// HTTP requests that wait for a plugin's answer.
#pragma once

#include "daemon/plugin/app.hpp"
#include "daemon/plugin/violations.hpp"

#include <cstdint>
#include <deque>
#include <mutex>
#include <span>

namespace belfry::plugin {

/// Of one instance. Stands between the plugin and the request, so that a second answer is reported
/// and changes nothing, and a request that the plugin forgets is answered with 503 when it stops.
/// Any thread.
class ReplyBook {
public:
    explicit ReplyBook(Violations& violations) : violations_(violations) {}
    ReplyBook(const ReplyBook&) = delete;
    ReplyBook& operator=(const ReplyBook&) = delete;
    ~ReplyBook() { close(); }

    /// What to give to the plugin in place of `reply`, which is taken over.
    bf_reply* open(bf_reply* reply);
    /// Answers everything that waits.
    void close();

private:
    struct Slot final : public bf_reply {
        ReplyBook* book = nullptr;
        bf_reply* reply = nullptr;  ///< nullptr: answered

        void send(std::uint32_t status, std::span<const bf_pair> headers, ByteView body) override;
    };

    Violations& violations_;
    std::mutex mutex_;
    std::deque<Slot> slots_;
    std::deque<Slot*> free_;  ///< the longest unused first
};

}  // namespace belfry::plugin
