/// One accepted socket: HTTP first, perhaps a stream later.
#pragma once

#include "daemon/net/exchange.hpp"
#include "daemon/net/http_parser.hpp"
#include "daemon/net/loop.hpp"
#include "daemon/net/out_queue.hpp"
#include "daemon/net/socket.hpp"
#include "daemon/net/stream.hpp"
#include "daemon/net/timer_wheel.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace belfry::net {

/// Takes a request and sees that its exchange is answered. The connection's thread; must not block.
using RequestHandler = std::function<void(Request, Exchange)>;

/// What all connections of a listener have in common; outlives them. `header_time` runs from the
/// first byte of a request (for the first one from the connection), `body_time` from the end of its
/// head; `idle_time` is the time between requests, and the longest a client may take nothing of a
/// response.
struct ConnectionSettings {
    HttpLimits http;
    std::size_t pipeline = 64;  ///< requests in hand at once, per connection
    Nanos header_time = 5 * kSecond;
    Nanos body_time = 30 * kSecond;
    Nanos idle_time = 60 * kSecond;
    RequestHandler handler;
};

class Connection;

/// Keeps the connections of a loop alive.
class ConnectionOwner {
public:
    ConnectionOwner() = default;
    ConnectionOwner(const ConnectionOwner&) = delete;
    ConnectionOwner& operator=(const ConnectionOwner&) = delete;
    virtual ~ConnectionOwner() = default;
    /// The connection is closed and may be let go.
    virtual void on_closed(Connection& connection) = 0;
};

/// Belongs to its loop's thread.
class Connection final : public Pollable,
                         public Flushable,
                         public Stream,
                         private WheelNode,
                         public std::enable_shared_from_this<Connection> {
public:
    Connection(Loop& loop, Accepted accepted, const ConnectionSettings& settings,
               ConnectionOwner& owner);
    ~Connection() override;

    /// Begins to read. Once.
    void start();
    /// Answers what is in hand, takes no further request, then closes. A stream is not touched.
    void drain();

    void respond(std::uint64_t slot, const Response& response);
    Stream* upgrade(std::uint64_t slot, unsigned status, const Headers& headers,
                    std::shared_ptr<StreamHandler> handler);
    [[nodiscard]] bool is_stream() const { return handler_ != nullptr; }

    void write(SharedBytes bytes) override;
    [[nodiscard]] std::size_t queued() const override { return out_.bytes(); }
    [[nodiscard]] std::size_t queued_pieces() const override { return out_.pieces(); }
    void finish() override;
    void abort() override;
    void set_timer(Nanos delay) override;

    void on_ready(std::uint32_t events) override;
    void flush() override;

private:
    /// What only exists until the connection becomes a stream.
    struct Http {
        explicit Http(const HttpLimits& limits) : parser(limits) {}
        struct Slot {
            bool head_only = false;
            bool keep_alive = true;
            SharedBytes response;
            bool is_last = false;
        };
        /// What the connection's timer watches.
        enum class Phase : std::uint8_t { none, idle, head, body, answering, sending };
        HttpParser parser;
        std::deque<Slot> slots;          ///< requests in hand, oldest first
        std::uint64_t first_slot = 0;    ///< the number of the oldest
        bool no_more = false;            ///< further requests are not read
        std::optional<Request> waiting;  ///< asks for an upgrade once all before it are answered
        bool exclusive = false;          ///< what follows may not be HTTP: wait for the answer
        Phase phase = Phase::none;
        std::string peer;
    };

    void on_timer() override;
    void on_blocked(bool took_something);
    void read_socket();
    void read_later();
    void take_bytes(ByteView bytes);
    void parse_requests();
    void handle(Request request);
    void refuse(const Response& response);
    void release_responses();
    [[nodiscard]] Http::Phase http_phase() const;
    void watch_http_time();
    void on_end_of_input();
    void discard_input();
    void linger();
    [[nodiscard]] bool wants_input() const;
    void mark_dirty();
    void close();

    Loop& loop_;
    const ConnectionSettings& settings_;
    ConnectionOwner& owner_;
    Socket socket_;
    OutQueue out_;
    std::unique_ptr<Http> http_;
    std::shared_ptr<StreamHandler> handler_;
    bool readable_ = false;    ///< the socket may have bytes that were not read
    bool hung_up_ = false;     ///< the peer sends no more: read until the end is seen
    bool blocked_ = false;     ///< the socket took less than it was given
    bool dirty_ = false;       ///< a flush is coming in this turn
    bool reading_ = false;     ///< read_socket is on the stack
    bool reading_on_ = false;  ///< read_socket is posted
    bool held_ = false;        ///< bytes read before the upgrade go to the handler first
    bool finishing_ = false;   ///< close when everything is sent
    bool lingering_ = false;   ///< everything is sent; the peer has not closed yet
};

}  // namespace belfry::net
