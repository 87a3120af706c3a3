/// NATS for tests: a server of the test's own, and a client beside the plugin.
#pragma once

#include <boost/json.hpp>
#include <nats/nats.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::test {

/// Is there a nats-server? Else the test is to be skipped.
[[nodiscard]] bool has_nats();

/// A server in a temporary folder; it ends with this. Calls wait until it has happened and throw
/// std::runtime_error where it does not.
class NatsServer {
public:
    /// `lines`: of the server's configuration. {dir} in them becomes the server's folder.
    explicit NatsServer(std::vector<std::string> lines = {});
    ~NatsServer();
    NatsServer(const NatsServer&) = delete;
    NatsServer& operator=(const NatsServer&) = delete;

    /// The same after a restart.
    [[nodiscard]] std::string url() const { return "nats://127.0.0.1:" + std::to_string(port_); }
    [[nodiscard]] int port() const { return port_; }
    [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
    void kill() const;
    void stop() const;
    /// After kill or stop, with the data that is there.
    void start();
    /// It says nothing any more, but its connections stand.
    void freeze() const;
    void thaw() const;

private:
    std::filesystem::path folder_;
    std::vector<std::string> lines_;
    int port_ = 0;
};

/// A connection of the test's own. Throws std::runtime_error.
class NatsClient {
public:
    explicit NatsClient(const std::string& url);
    ~NatsClient();
    NatsClient(const NatsClient&) = delete;
    NatsClient& operator=(const NatsClient&) = delete;

    /// The answer to $JS.API.<endpoint>.
    boost::json::object ask(const std::string& endpoint, const boost::json::object& request = {});
    void make_stream(const std::string& name, const std::vector<std::string>& subjects,
                     boost::json::object more = {});
    void make_consumer(const std::string& stream, const std::string& name,
                       boost::json::object more = {});
    /// Kept by a stream.
    void publish(const std::string& subject, std::string_view body);
    /// Plain; waits until the server has it.
    void send(const std::string& subject, std::string_view body);
    /// The consumer's next message goes to `subject`.
    void request_next(const std::string& stream, const std::string& consumer,
                      const std::string& subject);
    /// How many messages a stream has.
    std::int64_t count(const std::string& stream);
    /// num_pending + num_ack_pending: what a consumer has not got acknowledged.
    std::int64_t open(const std::string& stream, const std::string& consumer);
    /// Body of the next plain message, "" where none comes in time.
    class Ear {
    public:
        Ear(NatsClient& client, const std::string& subject);
        ~Ear();
        Ear(const Ear&) = delete;
        Ear& operator=(const Ear&) = delete;
        std::string next(std::int64_t milliseconds = 5'000);

    private:
        natsSubscription* subscription_ = nullptr;
    };

private:
    natsConnection* connection_ = nullptr;
};

/// Sends bytes of the protocol as they are, behind CONNECT, and waits until the server has them.
void send_raw(int port, std::string_view bytes);

}  // namespace belfry::test
