/// A client that checks what it is told.
#pragma once

#include "daemon/live/encoder.hpp"
#include "daemon/live/shard_hub.hpp"
#include "tests/simulation/world.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace belfry::sim {

/// Frames are the messages themselves, a line each.
class LineTransport final : public Transport {
public:
    [[nodiscard]] const std::string& name() const override { return name_; }
    [[nodiscard]] std::uint32_t flags() const override { return 0; }
    [[nodiscard]] std::vector<Route> routes() const override { return {}; }
    void* open(bf_link& /*link*/, const bf_request& /*request*/) override { return nullptr; }
    void read(void* /*state*/, ByteView /*bytes*/) override {}
    void attached(void* /*state*/, const bf_attached& /*result*/) override {}
    SharedBytes frame(const bf_outgoing& message) override;
    void messages(void* /*state*/, std::span<const bf_outgoing> /*messages*/) override {}
    void close(void* /*state*/, std::uint32_t /*code*/, std::string_view /*reason*/) override {}
    void closed(void* /*state*/) override {}
    void timer(void* /*state*/) override {}
    void joined(void* /*state*/, void* /*owner*/) override {}
    void drained(void* /*state*/) override {}

private:
    std::string name_ = "line";
};

/// Keeps its tokens over any number of connections. Reports, by failing the test, an entry that is
/// repeated, skipped without a word, or out of order.
class Client final : public live::Follower {
public:
    Client(World& world, std::string name, const live::Encoder& encoder,
           std::vector<std::string> streams);
    ~Client() override;

    void connect(SimExecutor& shard, live::ShardHub& hub);
    void disconnect();
    [[nodiscard]] bool is_connected() const { return hub_ != nullptr; }
    /// Takes up to `bytes` of what waits for it.
    void take(std::size_t bytes);

    /// The last seq seen of a stream; 0 before the first attach.
    [[nodiscard]] std::uint64_t seen(const std::string& stream) const;
    [[nodiscard]] const std::vector<std::string>& streams() const { return streams_; }

    [[nodiscard]] const live::Encoder& encoder() const override { return encoder_; }
    [[nodiscard]] bool has_room(std::size_t bytes) const override;
    [[nodiscard]] bool is_drained() const override { return queue_.empty(); }
    void push(const SharedBytes& frames) override;
    void on_followed(live::Subscription& subscription, Result<live::Position> position) override;
    void on_lost(live::Subscription& subscription, const live::Position& position) override;

private:
    void hear(const std::string& line);
    void hear_entry(const std::string& stream, const Token& token);

    World& world_;
    const std::string name_;
    const live::Encoder& encoder_;
    const std::vector<std::string> streams_;
    std::map<std::string, Token> tokens_;
    std::map<std::string, bool> is_known_;
    live::ShardHub* hub_ = nullptr;
    std::vector<std::unique_ptr<live::Subscription>> subscriptions_;
    std::string queue_;
};

}  // namespace belfry::sim
