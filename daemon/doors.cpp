#include "daemon/doors.hpp"

#include "daemon/ops/app_routes.hpp"
#include "daemon/ops/http_door.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <utility>

namespace belfry {
namespace {

/// Descriptors that are kept for files, storage and plugins.
constexpr std::size_t kReservedDescriptors = 128;
/// Of these, for probes and operators while the public listeners are full.
constexpr std::size_t kSpareForOperators = 64;

std::size_t most_connections(std::size_t configured) {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    const auto open = static_cast<std::size_t>(limit.rlim_cur);
    const std::size_t possible =
        open > 2 * kReservedDescriptors ? open - kReservedDescriptors : open / 2;
    return configured == 0 ? possible : std::min(configured, possible);
}

net::ConnectionSettings settings_of(const config::HttpLimits& limits, const net::Router& router) {
    net::ConnectionSettings settings;
    settings.http = {limits.request_line, limits.headers, limits.header_count, limits.body};
    settings.pipeline = limits.pipeline;
    settings.header_time = limits.header_time;
    settings.body_time = limits.body_time;
    settings.idle_time = limits.idle;
    settings.handler = [&router](net::Request request, net::Exchange exchange) {
        router.dispatch(std::move(request), std::move(exchange));
    };
    return settings;
}

}  // namespace

Result<> Doors::fill(net::Router& router, config::Serves serves, bool trusted) {
    Result<> done;
    const auto then = [&done](auto&& add) {
        if (done) {
            done = add();
        }
    };
    if (serves.api) {
        const auto trust = trusted ? ops::Trust::control : ops::Trust::bearer;
        then([&] {
            return ops::add_operation_routes(router, parts_.operations, parts_.identity, trust);
        });
        then([&] { return ops::add_openapi_route(router, parts_.operations); });
    }
    if (serves.deliveries) {
        then([&] { return parts_.engine.add_transport_routes(router, trusted); });
    }
    if (serves.apps) {
        then([&] { return ops::add_app_routes(router, parts_.apps, parts_.identity); });
    }
    if (serves.admin) {
        then([&] {
            return ops::add_admin_routes(router, parts_.health, parts_.metrics, parts_.clock);
        });
    }
    return done;
}

Result<std::string> Doors::add(const config::Address& address, config::Serves serves, bool trusted,
                               const config::Limits& limits, std::size_t spare) {
    auto& router = routers_.emplace_back(std::make_unique<net::Router>());
    if (auto filled = fill(*router, serves, trusted); !filled) {
        return std::unexpected(filled.error());
    }
    auto socket = net::listen_on(config::to_string(address));
    if (!socket) {
        return std::unexpected(socket.error());
    }
    std::string bound = net::local_address(*socket);
    listeners_.push_back(std::make_unique<net::Listener>(
        parts_.engine.shards(), std::move(*socket), settings_of(limits.http, *router),
        most_connections(limits.connections) + spare, parts_.metrics));
    return bound;
}

Result<> Doors::open(const config::Profile& profile) {
    for (const config::ListenerSettings& listener : profile.listeners) {
        auto bound = add(listener.address, listener.serves, false, profile.limits, 0);
        if (!bound) {
            return fail(bound.error().code,
                        "listener " + listener.name + ": " + bound.error().message);
        }
        if (public_address_.empty()) {
            public_address_ = std::move(*bound);
        }
    }
    auto admin = add(profile.admin, {.admin = true}, false, profile.limits, kSpareForOperators);
    if (!admin) {
        return fail(admin.error().code, "admin listener: " + admin.error().message);
    }
    admin_address_ = std::move(*admin);
    config::Address control;
    control.path = profile.control_socket;
    auto bound = add(control, {.api = true, .deliveries = true, .admin = true}, true,
                     profile.limits, kSpareForOperators);
    if (!bound) {
        return fail(bound.error().code, "control socket: " + bound.error().message);
    }
    return {};
}

void Doors::start() {
    for (const auto& listener : listeners_) {
        listener->start();
    }
}

void Doors::stop() {
    for (const auto& listener : listeners_) {
        listener->stop();
    }
}

}  // namespace belfry
