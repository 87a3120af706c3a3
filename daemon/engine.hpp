/// The shards with everything that lives on them.
#pragma once

#include "daemon/live/gateway.hpp"
#include "daemon/live/hub.hpp"
#include "daemon/live/interest.hpp"
#include "daemon/live/session_shard.hpp"
#include "daemon/live/shard_hub.hpp"
#include "daemon/net/server.hpp"

#include <memory>
#include <vector>

namespace belfry {

/// What the engine works with; all of it outlives the engine.
struct EngineParts {
    const Clock& clock;
    Random& random;
    Metrics& metrics;
    Mailbox& mailbox;
    live::Authenticate authenticate;
    live::Attendance attendance = {};  ///< may be empty
};

/// Made, then given its transports, then started.
class Engine {
public:
    Engine(std::size_t shards, EngineParts parts, const live::SessionSettings& sessions);
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    /// Before start. The dialects outlive the engine; the first is the default.
    void use(const std::vector<Transport*>& transports,
             const std::vector<live::Dialect*>& dialects);
    Result<> add_transport_routes(net::Router& router, bool trusted);

    void start();
    /// Hands a batch to the shards that follow its streams. The core's thread.
    void publish(const CommittedBatch& batch) { hub_->publish(batch); }
    /// The core's thread.
    live::Hub& hub() { return *hub_; }
    /// Tells every session to come back within `window`.
    void drain(Nanos window);
    [[nodiscard]] std::size_t connections() const;
    /// Ends the threads; what is still open is closed without ceremony.
    void stop();

    std::vector<std::unique_ptr<net::Shard>>& shards() { return shards_; }
    [[nodiscard]] std::vector<const net::Loop*> loops() const;

private:
    /// Declared in the order of use: sessions leave the hub when they end.
    struct Live {
        live::Interest interest;
        std::unique_ptr<live::ShardHub> hub;
        std::unique_ptr<live::SessionShard> sessions;
    };

    EngineParts parts_;
    const live::SessionSettings settings_;
    std::vector<Transport*> transports_;
    std::unique_ptr<live::Encoders> encoders_;
    std::vector<std::unique_ptr<Live>> live_;
    std::vector<std::unique_ptr<net::Shard>> shards_;
    std::unique_ptr<live::Hub> hub_;
};

}  // namespace belfry
