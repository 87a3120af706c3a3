#include "daemon/ops/app_routes.hpp"

#include <memory>
#include <utility>

namespace belfry::ops {
namespace {

bf_str str(std::string_view text) { return {text.data(), text.size()}; }

std::vector<bf_pair> to_pairs(const net::Headers& headers) {
    std::vector<bf_pair> pairs;
    pairs.reserve(headers.size());
    for (const auto& [name, value] : headers) {
        pairs.push_back({str(name), str(value)});
    }
    return pairs;
}

/// Deletes itself when it has answered, as bf_reply says.
class Reply final : public bf_reply {
public:
    explicit Reply(net::Exchange exchange) : exchange_(std::move(exchange)) {}

    void send(std::uint32_t status, std::span<const bf_pair> headers, ByteView body) override {
        const std::unique_ptr<Reply> self(this);
        net::Response response{.status = status, .headers = {}, .body = std::string(text_of(body))};
        for (const bf_pair& pair : headers) {
            response.headers.emplace_back(std::string_view(pair.name.ptr, pair.name.len),
                                          std::string_view(pair.value.ptr, pair.value.len));
        }
        exchange_.respond(std::move(response));
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
    const auto headers = to_pairs(request.headers);
    const auto params = to_pairs(request.params);
    const ByteView body = bytes_of(request.body);
    const bf_request wire{
        sizeof(bf_request), request.minor,  str(request.method), str(request.path),
        str(request.query), headers.data(), headers.size(),      {body.data(), body.size()},
        str(request.peer),  params.data(),  params.size(),       route};
    auto reply = std::make_unique<Reply>(std::move(exchange));
    app.request(wire, to_json(*principal), reply.release());
}

}  // namespace

Result<> add_app_routes(net::Router& router, const std::vector<App*>& apps, Identity& identity) {
    for (App* app : apps) {
        const std::vector<Route> routes = app->routes();
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
