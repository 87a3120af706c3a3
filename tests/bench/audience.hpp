/// Many WebSocket clients on one thread.
#pragma once

#include "tests/bench/poller.hpp"
#include "tests/bench/samples.hpp"
#include "tests/bench/websocket.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace belfry::bench {

/// What the clients say, and what they wait for.
struct Script {
    std::uint16_t port = 0;
    std::string path;
    std::string protocol = {};
    std::function<std::string(std::size_t)> bearer = {};  ///< of the client with this number
    bool is_greeted = false;  ///< a client is attached with the server's {"op":"hello"
    std::string stream = {};  ///< subscribed to after that; empty = nothing
    std::string entry = {};   ///< how the messages begin that are counted; empty = all
};

/// What arrived since `begin`.
struct Received {
    std::uint64_t entries = 0;
    std::uint64_t bytes = 0;   ///< of their frames
    std::uint64_t rounds = 0;  ///< times that every client has had `round` entries more
    Samples latencies;         ///< from the stamp in the body, of every `sample_every`th entry
};

class Audience {
public:
    /// `poller` outlives this.
    Audience(Poller& poller, Script script);
    ~Audience();
    Audience(const Audience&) = delete;
    Audience& operator=(const Audience&) = delete;

    /// Attaches clients until there are `count`, a bounded number of them at a time.
    Result<> grow_to(std::size_t count);
    [[nodiscard]] std::size_t size() const { return clients_.size(); }

    /// Forgets what arrived. Rounds are only told apart while at most two are under way.
    void begin(std::uint64_t round, std::uint64_t sample_every);
    [[nodiscard]] const Received& received() const { return received_; }
    /// Each client has had exactly this many entries; else an error that names one that has not.
    [[nodiscard]] Result<> check_each(std::uint64_t entries) const;

private:
    class Client;

    void connect_next();
    void on_attached();
    void on_entry(const Frame& frame);
    void on_read(std::uint64_t before, std::uint64_t now);

    Poller& poller_;
    const Script script_;
    const std::string subscription_;
    std::vector<char> buffer_;
    std::vector<std::unique_ptr<Client>> clients_;
    std::size_t attached_ = 0;
    Received received_;
    std::uint64_t round_ = 1;
    std::uint64_t sample_every_ = 1;
    std::uint64_t to_sample_ = 1;       ///< entries until the next sample
    std::vector<std::size_t> reached_;  ///< clients that completed a round; a ring by its number
};

}  // namespace belfry::bench
