/// From a transport's routes to sessions.
#pragma once

#include "daemon/live/encoder.hpp"
#include "daemon/live/session_shard.hpp"
#include "daemon/net/router.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace belfry::live {

/// The encoders of all transports with all dialects. Any thread.
class Encoders {
public:
    /// The first dialect is the default one.
    Encoders(const std::vector<Transport*>& transports, const std::vector<Dialect*>& dialects);

    /// Null if there is no such dialect; an empty name is the default.
    [[nodiscard]] const Encoder* find(const Transport& transport, std::string_view dialect) const;

private:
    std::vector<std::unique_ptr<Encoder>> encoders_;
};

/// Finds the sessions that live on a connection's loop.
using FindShard = std::function<SessionShard&(const net::Loop&)>;

/// Puts the transports' paths on a router. `trusted`: its clients need no credential. An error
/// names a path that is taken, or a transport that this version cannot drive.
Result<> add_transport_routes(net::Router& router, const std::vector<Transport*>& transports,
                              const Encoders& encoders, const FindShard& find_shard, bool trusted);

}  // namespace belfry::live
