#include "daemon/plugin/reply_book.hpp"

#include <utility>
#include <vector>

namespace belfry::plugin {
namespace {

/// A slot rests until so many others are free: a second answer has to come thousands of requests
/// late to be taken for another request's.
constexpr std::size_t kKeptReplies = 4096;

}  // namespace

bf_reply* ReplyBook::open(bf_reply* reply) {
    const std::scoped_lock lock(mutex_);
    Slot* slot = nullptr;
    if (free_.size() < kKeptReplies) {
        slot = &slots_.emplace_back();
        slot->book = this;
    } else {
        slot = free_.front();
        free_.pop_front();
    }
    slot->reply = reply;
    return slot;
}

void ReplyBook::Slot::send(std::uint32_t status, std::span<const bf_pair> headers, ByteView body) {
    bf_reply* waiting = nullptr;
    {
        const std::scoped_lock lock(book->mutex_);
        waiting = std::exchange(reply, nullptr);
        if (waiting != nullptr) {
            book->free_.push_back(this);
        }
    }
    if (waiting == nullptr) {
        book->violations_.report("reply",
                                 "answered a request twice, or after the instance had stopped");
        return;
    }
    waiting->send(status, headers, body);
}

void ReplyBook::close() {
    std::vector<bf_reply*> left;
    {
        const std::scoped_lock lock(mutex_);
        for (Slot& slot : slots_) {
            if (slot.reply != nullptr) {
                left.push_back(std::exchange(slot.reply, nullptr));
            }
        }
    }
    for (bf_reply* reply : left) {
        reply->send(503, {}, {});
    }
}

}  // namespace belfry::plugin
