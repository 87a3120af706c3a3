/// Routers and listeners: what can be reached where.
#pragma once

#include "daemon/config/profile.hpp"
#include "daemon/engine.hpp"
#include "daemon/identity/identity.hpp"
#include "daemon/net/router.hpp"
#include "daemon/net/server.hpp"
#include "daemon/ops/health.hpp"
#include "daemon/ops/operations.hpp"
#include "daemon/plugin/app.hpp"

#include <memory>
#include <vector>

namespace belfry {

/// What is behind the doors; all of it outlives them.
struct DoorParts {
    Engine& engine;
    const ops::Operations& operations;
    Identity& identity;
    std::shared_ptr<ops::Health> health;
    std::vector<App*> apps;
    Metrics& metrics;
    const Clock& clock;
};

/// The profile's listeners, the admin listener and the control socket.
class Doors {
public:
    explicit Doors(DoorParts parts) : parts_(std::move(parts)) {}

    /// Binds everything; nothing is accepted yet. An error names the address.
    Result<> open(const config::Profile& profile);
    void start();
    void stop();

    /// Where the first public listener and the admin listener are, ports as bound.
    [[nodiscard]] std::string public_address() const { return public_address_; }
    [[nodiscard]] std::string admin_address() const { return admin_address_; }

private:
    /// `trusted`: whoever can connect is an admin.
    Result<std::string> add(const config::Address& address, config::Serves serves, bool trusted,
                            const config::Limits& limits, std::size_t spare);
    Result<> fill(net::Router& router, config::Serves serves, bool trusted);

    DoorParts parts_;
    std::vector<std::unique_ptr<net::Router>> routers_;
    std::vector<std::unique_ptr<net::Listener>> listeners_;
    std::string public_address_;
    std::string admin_address_;
};

}  // namespace belfry
