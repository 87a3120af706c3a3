/// A proxy in front of a PostgreSQL server that cuts connections at the worst moment.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>

namespace belfry::test {

/// What becomes of a request at which the connection is cut.
enum class Cut {
    request,  ///< the server never gets it
    half,     ///< the server gets a part of it
    answer,   ///< the server does it, the client never hears of it
    abandon,  ///< the client is cut off at once, while the server is still at it
    silence,  ///< nothing more is heard of the server, but the connection stands
};

/// Forwards what comes to a free port of 127.0.0.1; without TLS. Any thread.
class CutProxy {
public:
    /// Of a message from the client: its type and its content, as PostgreSQL's protocol has it.
    using Target = std::function<bool(char type, std::string_view content)>;

    /// `is_target` is called on many threads.
    CutProxy(int server_port, Target is_target);
    ~CutProxy();
    CutProxy(const CutProxy&) = delete;
    CutProxy& operator=(const CutProxy&) = delete;

    [[nodiscard]] int port() const { return port_; }
    /// The next target is cut; later ones pass.
    void arm(Cut how);
    /// How often a connection was cut.
    [[nodiscard]] std::uint64_t cuts() const { return cuts_; }
    /// How many targets there were.
    [[nodiscard]] std::uint64_t targets() const { return targets_; }

private:
    class Link;

    void accept_all();
    std::optional<Cut> take(char type, std::string_view content);

    const int server_port_;
    const Target is_target_;
    int listener_ = -1;
    int port_ = 0;
    std::mutex mutex_;
    std::optional<Cut> armed_;
    std::atomic<std::uint64_t> cuts_ = 0;
    std::atomic<std::uint64_t> targets_ = 0;
    std::list<std::jthread> links_;
    std::atomic<bool> is_ending_ = false;
    std::thread acceptor_;
};

/// The end of a transaction: the statement COMMIT.
bool is_commit(char type, std::string_view content);

}  // namespace belfry::test
