/// Shards and listeners.
#pragma once

#include "daemon/base/metrics.hpp"
#include "daemon/net/connection.hpp"
#include "daemon/net/loop.hpp"
#include "daemon/net/socket.hpp"

#include <atomic>
#include <memory>
#include <thread>
#include <unordered_map>
#include <vector>

namespace belfry::net {

/// One thread, its loop and its connections.
class Shard final : public ConnectionOwner {
public:
    Shard(std::size_t index, const Clock& clock);
    ~Shard() override;

    [[nodiscard]] std::size_t index() const { return index_; }
    Loop& loop() { return loop_; }

    void start();
    /// Closes every connection without ceremony, then ends the thread.
    void stop();

    /// Takes a connection over. Any thread; `settings` outlives the shard.
    void adopt(Accepted accepted, const ConnectionSettings& settings);
    /// Every connection that speaks HTTP answers what it has in hand and closes. Any thread.
    void drain();
    /// Connections now. Any thread.
    [[nodiscard]] std::size_t connections() const { return count_.load(std::memory_order_relaxed); }

    void on_closed(Connection& connection) override;

private:
    std::size_t index_;
    Loop loop_;
    std::unordered_map<Connection*, std::shared_ptr<Connection>> connections_;
    std::atomic<std::size_t> count_{0};
    std::thread thread_;
};

/// Listens on one address and hands what it accepts to the shards in turn.
class Listener final : public Pollable {
public:
    /// Connections beyond `max_connections` in all shards together are answered 503 and closed.
    Listener(std::vector<std::unique_ptr<Shard>>& shards, Socket socket,
             ConnectionSettings settings, std::size_t max_connections, Metrics& metrics);
    ~Listener() override;

    /// Accepts on the first shard's loop. Any thread.
    void start();
    /// Accepts no more; completes before it returns. Not on a shard's thread.
    void stop();

    [[nodiscard]] const Socket& socket() const { return socket_; }

    void on_ready(std::uint32_t events) override;

private:
    [[nodiscard]] bool is_full() const;
    void pause();

    std::vector<std::unique_ptr<Shard>>& shards_;
    Socket socket_;
    const ConnectionSettings settings_;
    std::size_t max_connections_;
    std::size_t next_ = 0;
    std::shared_ptr<bool> open_ =
        std::make_shared<bool>(true);  ///< until stop(); pauses hold it weakly
    prometheus::Counter& accepted_;
    prometheus::Counter& refused_;
};

}  // namespace belfry::net
