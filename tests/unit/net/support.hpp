/// A real listener on a free port, and a client that speaks raw bytes.
#pragma once

#include "daemon/net/server.hpp"

#include <sys/socket.h>

#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::net::test {

/// A blocking socket; every wait ends after ten seconds at most.
class Client {
public:
    explicit Client(const std::string& address, int receive_buffer = 0);

    void send(std::string_view bytes) const;
    /// Sends as much as the peer takes within `wait` without reading.
    std::size_t send_until_blocked(std::string_view bytes, Nanos wait) const;
    void shut_down() const { ::shutdown(socket_.get(), SHUT_WR); }
    /// Closes with a reset.
    void reset();
    void close() { socket_.close(); }

    /// The next response, head and body; empty if the connection ends before.
    std::string response();
    /// Exactly so many bytes, fewer if the connection ends before.
    std::string read(std::size_t count);
    /// What comes until the connection ends; "(reset)" or "(time)" behind it where it does not end
    /// well.
    std::string rest();
    [[nodiscard]] int descriptor() const { return socket_.get(); }

private:
    bool receive();
    Socket socket_;
    std::string buffer_;
    std::string end_;
};

/// Shards, one listener, and a handler.
class Server {
public:
    explicit Server(RequestHandler handler,
                    const std::function<void(ConnectionSettings&)>& adjust = {},
                    std::size_t shards = 1, std::size_t most = 10'000,
                    const std::string& address = "127.0.0.1:0");
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    [[nodiscard]] Client connect(int receive_buffer = 0) const {
        return Client(address, receive_buffer);
    }
    [[nodiscard]] std::size_t connections() const;
    /// True once there are so many connections.
    [[nodiscard]] bool reaches(std::size_t connections) const;
    /// Runs on the first shard and waits for it.
    void run(Task task);

    std::string address;
    Metrics metrics;
    std::vector<std::unique_ptr<Shard>> shards;
    std::unique_ptr<Listener> listener;
};

/// True once it holds; asks for ten seconds.
bool eventually(const std::function<bool()>& holds);

/// "GET <path>" with further header lines.
std::string get(const std::string& path, const std::string& headers = {});
inline std::string body_of(const std::string& response) {
    const auto end = response.find("\r\n\r\n");
    return end == std::string::npos ? "(no response)" : response.substr(end + 4);
}
inline std::string status_of(const std::string& response) {
    return response.size() < 12 ? "(none)" : response.substr(9, 3);
}

}  // namespace belfry::net::test
