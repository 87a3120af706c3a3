#include "daemon/ops/http_door.hpp"

#include "daemon/ops/http_input.hpp"
#include "daemon/ops/openapi.hpp"

#include <boost/json/monotonic_resource.hpp>

#include <array>
#include <utility>

namespace belfry::ops {
namespace {

class Door {
public:
    Door(const Registered& registered, Identity& identity, Trust trust)
        : registered_(registered), identity_(identity), trust_(trust) {}

    void operator()(const net::Request& request, net::Exchange exchange) const {
        const auto principal = authenticate(request);
        if (!principal) {
            exchange.respond(net::problem(principal.error()));
            return;
        }
        // Before the input is looked at: who may not call learns nothing of it.
        if (auto may = Operations::check_access(registered_, *principal); !may) {
            registered_.failed.Increment();
            exchange.respond(net::problem(may.error()));
            return;
        }
        std::array<unsigned char, 4096> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init)
        boost::json::monotonic_resource memory(buffer.data(), buffer.size());
        const auto input = read_input(registered_, request, &memory);
        if (!input) {
            registered_.failed.Increment();
            exchange.respond(input.error());
            return;
        }
        const bool has_text = registered_.operation.body == Body::json;
        Executor& home = exchange.loop();
        Operations::run(registered_,
                        {*principal, *input,
                         has_text ? std::string_view(request.body) : std::string_view{}, home},
                        [exchange = std::move(exchange)](Result<Reply> reply) mutable {
                            exchange.respond(reply ? to_response(std::move(*reply))
                                                   : net::problem(reply.error()));
                        });
    }

private:
    [[nodiscard]] Result<Principal> authenticate(const net::Request& request) const {
        if (trust_ == Trust::control) {
            return Principal::admin();
        }
        auto principal = identity_.authenticate_header(request.header("authorization"));
        if (!principal && registered_.operation.access == Access::anonymous) {
            return Principal{};  // an old token must not keep its holder from logging in
        }
        return principal;
    }

    static net::Response to_response(Reply reply) {
        net::Response response = net::json_response(reply.status, std::move(reply.json));
        for (auto& header : reply.headers) {
            response.headers.push_back(std::move(header));
        }
        return response;
    }

    const Registered& registered_;
    Identity& identity_;
    Trust trust_;
};

}  // namespace

Result<> add_operation_routes(net::Router& router, const Operations& operations, Identity& identity,
                              Trust trust) {
    for (const auto& [name, registered] : operations.all()) {
        for (const Route& route : registered->operation.routes) {
            if (auto added =
                    router.add(route.method, route.path, Door(*registered, identity, trust));
                !added) {
                return added;
            }
        }
    }
    return {};
}

Result<> add_openapi_route(net::Router& router, const Operations& operations) {
    return router.add("GET", "/openapi.json",
                      [document = make_openapi(operations)](const net::Request& /*request*/,
                                                            net::Exchange exchange) {
                          exchange.respond(net::json_response(200, document));
                      });
}

}  // namespace belfry::ops
