#include "daemon/live/gateway.hpp"

#include "daemon/live/session.hpp"

#include <algorithm>

namespace belfry::live {

Encoders::Encoders(const std::vector<Transport*>& transports,
                   const std::vector<Dialect*>& dialects) {
    for (Transport* transport : transports) {
        for (Dialect* dialect : dialects) {
            encoders_.push_back(std::make_unique<Encoder>(*transport, *dialect));
        }
    }
}

const Encoder* Encoders::find(const Transport& transport, std::string_view dialect) const {
    const auto found = std::ranges::find_if(encoders_, [&](const auto& encoder) {
        return &encoder->transport() == &transport &&
               (dialect.empty() || encoder->dialect().name() == dialect);
    });
    return found == encoders_.end() ? nullptr : found->get();
}

Result<> add_transport_routes(net::Router& router, const std::vector<Transport*>& transports,
                              const Encoders& encoders, const FindShard& find_shard, bool trusted) {
    for (Transport* transport : transports) {
        const Encoder& encoder = *encoders.find(*transport, {});
        const std::vector<Route> routes = transport->routes();
        for (std::uint64_t index = 0; index < routes.size(); ++index) {
            auto added = router.add(routes[index].method, routes[index].path,
                                    [&encoder, find_shard, index, trusted](net::Request request,
                                                                           net::Exchange exchange) {
                                        Session& session = find_shard(exchange.loop()).add(encoder);
                                        session.open(std::move(request), std::move(exchange), index,
                                                     trusted);
                                    });
            if (!added) {
                return fail(added.error().code,
                            "delivery " + transport->name() + ": " + added.error().message);
            }
        }
    }
    return {};
}

}  // namespace belfry::live
