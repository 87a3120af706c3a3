/// One request's duty to be answered.
#pragma once

#include "daemon/net/http_message.hpp"
#include "daemon/net/stream.hpp"

#include <memory>
#include <utility>

namespace belfry::net {

class Connection;
class Loop;

/// Moved to whoever answers; destroyed unanswered, it answers 500. The connection may be gone by
/// then: an answer to nobody is dropped.
class Exchange {
public:
    Exchange(std::weak_ptr<Connection> connection, Loop& loop, std::uint64_t slot)
        : connection_(std::move(connection)), loop_(&loop), slot_(slot) {}
    Exchange(Exchange&& other) noexcept
        : connection_(std::move(other.connection_)), loop_(std::exchange(other.loop_, nullptr)),
          slot_(other.slot_) {}
    Exchange& operator=(Exchange&& other) noexcept {
        std::swap(connection_, other.connection_);
        std::swap(loop_, other.loop_);
        std::swap(slot_, other.slot_);
        return *this;
    }
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;
    ~Exchange();

    /// The connection's thread.
    [[nodiscard]] Loop& loop() const { return *loop_; }

    /// Any thread; once.
    void respond(Response response);

    /// The loop's thread, once: sends the head and turns the connection into a stream for
    /// `handler`. Null if the connection is gone. The stream is valid until handler->on_closed.
    Stream* upgrade(unsigned status, const Headers& headers,
                    std::shared_ptr<StreamHandler> handler);

private:
    std::weak_ptr<Connection> connection_;
    Loop* loop_;
    std::uint64_t slot_;
};

}  // namespace belfry::net
