/// A broker behind its C table, call by call.
#pragma once

#include "sdk/testkit/conformance/broker/settings.hpp"
#include "sdk/testkit/conformance/broker/wire_check.hpp"
#include "sdk/testkit/conformance/call.hpp"

#include <belfry/testkit/host.hpp>

#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace belfry::conformance::broker {

using sdk::Status;
using testkit::Message;
using testkit::Outcome;

/// What is published.
struct Out {
    std::string id;
    std::string body;
    std::string key;
    std::string content_type = "text/plain";
    std::vector<std::pair<std::string, std::string>> headers;
};

/// One that can be told from all others: its body is its id.
inline Out text(const std::string& id, std::string key = {}) {
    return {.id = id, .body = id, .key = std::move(key), .headers = {}};
}

struct Heard {
    std::uint32_t partition = 0;
    std::string message;
    bool operator==(const Heard&) const = default;
};

/// Hears the bus; must outlive the instance.
class Ear {
public:
    explicit Ear(testkit::Host& host) : host_(host) {}
    static void hear(void* ctx, std::uint32_t partition, bf_bytes message);

    [[nodiscard]] std::vector<Heard> all() const;
    [[nodiscard]] bool has(const Heard& one) const;
    /// From now on, nothing may be heard.
    void close();

private:
    testkit::Host& host_;
    mutable std::mutex mutex_;
    std::vector<Heard> heard_;
    bool is_closed_ = false;
};

/// One running instance; any thread.
class Node {
public:
    /// Creates and starts; throws testkit::Failed.
    Node(const testkit::Plugin& plugin, std::string name, const std::string& config);

    Call<> begin_publish(const Place& place, const Out& out);
    Outcome<> publish(const Place& place, const Out& out);
    Outcome<> cancel(std::string_view source);
    Outcome<sdk::SourceStats> stats(std::string_view source);
    Outcome<std::vector<Message>> dead_letters(std::string_view source, std::uint64_t limit = 1000);
    Outcome<sdk::Replayed> replay(std::string_view source, std::uint64_t limit,
                                  std::int64_t before = INT64_MAX);
    void settle(std::string_view source, std::uint64_t token, std::uint32_t outcome,
                std::int64_t delay = 0, std::string_view reason = {});
    void pause(std::string_view source, bool paused);
    Outcome<> listen(const std::vector<std::uint32_t>& partitions, Ear& ear);
    void broadcast(std::uint32_t partition, std::string_view message);
    void stop() { instance.stop(); }

    /// False where the instance gave this token before.
    bool is_new(std::uint64_t token);

    testkit::Instance instance;
    const bf_broker& table;

private:
    std::mutex mutex_;
    std::set<std::uint64_t> tokens_;
};

}  // namespace belfry::conformance::broker
