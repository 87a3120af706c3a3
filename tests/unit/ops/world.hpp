/// A daemon's control plane with real sockets, on a storage in memory.
#pragma once

#include "daemon/base/metrics.hpp"
#include "daemon/identity/identity.hpp"
#include "daemon/mailbox/mailbox.hpp"
#include "daemon/net/router.hpp"
#include "daemon/net/server.hpp"
#include "daemon/ops/app_door.hpp"
#include "daemon/ops/core_operations.hpp"
#include "daemon/ops/health.hpp"
#include "daemon/ops/http_door.hpp"
#include "tests/support/memory_storage.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace belfry::test {

struct HttpAnswer {
    unsigned status = 0;
    std::string head;  ///< status line and headers, in lower case
    std::string body;
};

struct HttpCall {
    std::string method = "GET";
    std::string target = "/";
    std::string body = {};
    std::string token = {};
    std::string content_type = "application/json";
    std::string more_headers = {};
};

/// One shard that is also the core's executor, a public listener on a free port and a control
/// socket, which has a port, too.
class World {
public:
    explicit World(bool is_registration_open = false, const net::HttpLimits& limits = {});
    ~World();

    HttpAnswer call(const HttpCall& call) const { return exchange(public_port_, call); }
    HttpAnswer control(const HttpCall& call) const { return exchange(control_port_, call); }
    /// Runs on the shard's thread, and returns when it is done: for what that thread reads.
    void on_shard(const std::function<void()>& change) const;
    /// Where `belfry` reaches this world.
    [[nodiscard]] std::string control_socket() const { return directory_ + "/control"; }
    [[nodiscard]] std::string token(const std::string& user,
                                    std::vector<std::string> roles = {}) const;

    Metrics metrics;
    MemoryStorage storage;
    std::vector<std::unique_ptr<net::Shard>> shards;
    std::unique_ptr<Ingest> ingest;
    std::unique_ptr<Identity> identity;
    std::unique_ptr<Mailbox> mailbox;
    std::unique_ptr<ops::Operations> operations;
    std::unique_ptr<ops::AppDoor> apps;
    std::shared_ptr<ops::Health> health;
    std::vector<plugin::InstanceStatus> instances;
    Sources sources;
    std::vector<ops::HealthCheck> source_checks;

private:
    static HttpAnswer exchange(std::uint16_t port, const HttpCall& call);
    std::string listen(net::Router& router, const std::string& address);

    const net::HttpLimits limits_;
    net::Router public_router_;
    net::Router control_router_;
    std::vector<std::unique_ptr<net::Listener>> listeners_;
    std::string directory_;  ///< for the control socket
    std::uint16_t public_port_ = 0;
    std::uint16_t control_port_ = 0;
};

}  // namespace belfry::test
