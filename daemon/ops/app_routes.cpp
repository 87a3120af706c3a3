#include "daemon/ops/app_routes.hpp"

#include "daemon/net/plugin_request.hpp"

#include <memory>
#include <utility>

namespace belfry::ops {
namespace {

/// Deletes itself when it has answered, as bf_reply says.
class AppReply final : public bf_reply {
public:
    explicit AppReply(net::Exchange exchange) : exchange_(std::move(exchange)) {}

    void send(std::uint32_t status, std::span<const bf_pair> headers, ByteView body) override {
        const std::unique_ptr<AppReply> self(this);
        exchange_.respond({.status = status,
                           .headers = net::to_headers(headers),
                           .body = std::string(text_of(body))});
    }

private:
    net::Exchange exchange_;
};

void hand_over(App& app, Identity& identity, std::uint64_t route, const net::Request& request,
               net::Exchange exchange) {
    const auto principal = identity.authenticate_header(request.header("authorization"));
    if (!principal) {
        exchange.respond(net::problem(principal.error()));
        return;
    }
    const net::PluginRequest wire(request, route);
    auto reply = std::make_unique<AppReply>(std::move(exchange));
    app.request(wire.wire(), to_json(*principal), reply.release());
}

}  // namespace

Result<> add_app_routes(net::Router& router, const std::vector<App*>& apps, Identity& identity) {
    for (App* app : apps) {
        const std::vector<belfry::Route> routes = app->routes();
        for (std::uint64_t index = 0; index < routes.size(); ++index) {
            auto added = router.add(
                routes[index].method, routes[index].path,
                [app, &identity, index](const net::Request& request, net::Exchange exchange) {
                    hand_over(*app, identity, index, request, std::move(exchange));
                });
            if (!added) {
                return fail(added.error().code,
                            "app " + app->name() + ": " + added.error().message);
            }
        }
    }
    return {};
}

}  // namespace belfry::ops
