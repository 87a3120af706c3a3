#include "daemon/ops/health.hpp"
#include "daemon/ops/process_metrics.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace belfry::ops {
namespace {

net::Response text_response(unsigned status, std::string type, std::string body) {
    return {.status = status,
            .headers = {{"content-type", std::move(type)}, {"cache-control", "no-store"}},
            .body = std::move(body)};
}

/// As the Kubernetes API server prints it.
net::Response print(const std::vector<HealthCheck>& checks, const net::Request& request) {
    const bool is_well = std::ranges::all_of(checks, &HealthCheck::is_ok);
    std::string body;
    if (request.query.starts_with("verbose") || !is_well) {
        for (const HealthCheck& check : checks) {
            body += (check.is_ok ? "[+]" : "[-]") + check.name + (check.is_ok ? " ok" : " failed");
            body += check.detail.empty() ? "\n" : ": " + check.detail + "\n";
        }
    }
    body += is_well ? "ok\n" : "failed\n";
    return text_response(is_well ? 200 : 503, "text/plain; charset=utf-8", std::move(body));
}

}  // namespace

Result<> add_admin_routes(net::Router& router, const std::shared_ptr<Health>& health,
                          Metrics& metrics, const Clock& clock) {
    auto added =
        router.add("GET", "/livez", [health](const net::Request& request, net::Exchange exchange) {
            exchange.respond(print(health->live(), request));
        });
    if (added) {
        added = router.add("GET", "/readyz",
                           [health](const net::Request& request, net::Exchange exchange) {
                               exchange.respond(print(health->ready(), request));
                           });
    }
    if (!added) {
        return added;
    }
    const auto process = std::make_shared<ProcessMetrics>(metrics, clock);
    return router.add("GET", "/metrics",
                      [process, &metrics](const net::Request& /*request*/, net::Exchange exchange) {
                          process->update();
                          exchange.respond(text_response(
                              200, "text/plain; version=0.0.4; charset=utf-8", metrics.text()));
                      });
}

}  // namespace belfry::ops
