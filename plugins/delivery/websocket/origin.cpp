#include "plugins/delivery/websocket/origin.hpp"

#include "plugins/delivery/websocket/tokens.hpp"

#include <algorithm>

namespace belfry::websocket {
namespace {

constexpr std::string_view kSchemeEnd = "://";

struct Origin {
    std::string_view scheme;
    std::string_view place;  // host[:port]
};

Origin split(std::string_view text) {
    const auto end = text.find(kSchemeEnd);
    if (end == std::string_view::npos) {
        return {};
    }
    return {text.substr(0, end), text.substr(end + kSchemeEnd.size())};
}

std::string_view without_default_port(std::string_view place, std::string_view scheme) {
    const std::string_view port = is_same(scheme, "https") ? ":443" : ":80";
    return place.ends_with(port) ? place.substr(0, place.size() - port.size()) : place;
}

}  // namespace

bool is_origin(std::string_view text) {
    const Origin origin = split(text);
    return !origin.scheme.empty() && !origin.place.empty() &&
           origin.scheme.find_first_of(":/?#@ *") == std::string_view::npos &&
           origin.place.find_first_of("/?#@ *,") == std::string_view::npos;
}

bool is_allowed_origin(std::string_view origin, std::string_view host,
                       const std::vector<std::string>& allowed) {
    if (!allowed.empty()) {
        return std::any_of(allowed.begin(), allowed.end(), [origin](const std::string& one) {
            return one == kAnyOrigin || is_same(one, origin);
        });
    }
    const auto [scheme, place] = split(origin);
    return is_origin(origin) && !host.empty() &&
           is_same(without_default_port(place, scheme), without_default_port(host, scheme));
}

}  // namespace belfry::websocket
