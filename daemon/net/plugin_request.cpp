#include "daemon/net/plugin_request.hpp"

#include <string_view>

namespace belfry::net {
namespace {

bf_str str(std::string_view text) { return {text.data(), text.size()}; }

std::string_view view(bf_str text) { return {text.ptr, text.len}; }

std::vector<bf_pair> to_pairs(const Headers& headers) {
    std::vector<bf_pair> pairs;
    pairs.reserve(headers.size());
    for (const auto& [name, value] : headers) {
        pairs.push_back({str(name), str(value)});
    }
    return pairs;
}

}  // namespace

PluginRequest::PluginRequest(const Request& request, std::uint64_t route)
    : headers_(to_pairs(request.headers)), params_(to_pairs(request.params)),
      wire_{sizeof(bf_request),  request.minor,
            str(request.method), str(request.path),
            str(request.query),  headers_.data(),
            headers_.size(),     {bytes_of(request.body).data(), request.body.size()},
            str(request.peer),   params_.data(),
            params_.size(),      route} {}

Headers to_headers(std::span<const bf_pair> pairs) {
    Headers headers;
    headers.reserve(pairs.size());
    for (const bf_pair& pair : pairs) {
        headers.emplace_back(view(pair.name), view(pair.value));
    }
    return headers;
}

}  // namespace belfry::net
