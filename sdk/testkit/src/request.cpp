#include "belfry/testkit/request.hpp"

namespace belfry::testkit {
namespace {

std::vector<bf_pair> pairs_of(const Fields& fields) {
    std::vector<bf_pair> pairs;
    for (const auto& [name, value] : fields) {
        pairs.push_back({sdk::str(name), sdk::str(value)});
    }
    return pairs;
}

}  // namespace

WireRequest::WireRequest(const Request& from)
    : headers_(pairs_of(from.headers)), params_(pairs_of(from.params)) {
    wire_.size = sizeof wire_;
    wire_.http_minor = from.http_minor;
    wire_.method = sdk::str(from.method);
    wire_.path = sdk::str(from.path);
    wire_.query = sdk::str(from.query);
    wire_.headers = headers_.data();
    wire_.header_count = headers_.size();
    wire_.body = sdk::bytes_of(from.body);
    wire_.peer = sdk::str(from.peer);
    wire_.params = params_.data();
    wire_.param_count = params_.size();
    wire_.route = from.route;
}

std::string Answer::header(std::string_view name) const {
    for (const auto& [header, value] : headers) {
        if (header == name) {
            return value;
        }
    }
    return {};
}

}  // namespace belfry::testkit
