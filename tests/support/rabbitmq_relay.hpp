/// A relay in front of a server whose connections can be cut or silenced.
#pragma once

#include <atomic>
#include <list>
#include <mutex>
#include <thread>

namespace belfry::test {

/// Forwards bytes of a free port of 127.0.0.1 to a server's. Any thread.
class Relay {
public:
    explicit Relay(int server_port);
    ~Relay();
    Relay(const Relay&) = delete;
    Relay& operator=(const Relay&) = delete;

    [[nodiscard]] int port() const { return port_; }
    /// While silent nothing is forwarded and no connection ends; new ones are accepted and silent.
    void silence(bool is_silent) { is_silent_ = is_silent; }
    /// Ends all connections there are.
    void cut() { ++cuts_; }

private:
    void accept_all();
    void forward(int client, int server);

    const int server_port_;
    int listener_ = -1;
    int port_ = 0;
    std::atomic<bool> is_silent_ = false;
    std::atomic<int> cuts_ = 0;
    std::atomic<bool> is_ending_ = false;
    std::list<std::jthread> links_;
    std::thread acceptor_;
};

}  // namespace belfry::test
