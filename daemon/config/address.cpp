#include "daemon/config/profile.hpp"

#include <arpa/inet.h>
#include <sys/un.h>

#include <charconv>
#include <string>

namespace belfry::config {
namespace {

constexpr std::string_view kUnix = "unix:";

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [rest, error] = std::from_chars(text.begin(), text.end(), port);
    const bool has_zero = text.size() > 1 && text.starts_with('0');
    if (error != std::errc{} || rest != text.end() || has_zero) {
        return std::nullopt;
    }
    return port;
}

bool is_ip(int family, const std::string& host) {
    in6_addr ignored{};
    return ::inet_pton(family, host.c_str(), &ignored) == 1;
}

std::optional<Address> parse_unix(std::string_view path) {
    if (!path.starts_with('/') || path.size() >= sizeof(sockaddr_un::sun_path) ||
        path.contains('\0')) {
        return std::nullopt;
    }
    return Address{{}, 0, std::string(path)};
}

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
    if (text.starts_with(kUnix)) {
        return parse_unix(text.substr(kUnix.size()));
    }
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos || text.contains('\0')) {
        return std::nullopt;
    }
    const auto port = parse_port(text.substr(colon + 1));
    std::string_view host = text.substr(0, colon);
    const bool is_bracketed = host.starts_with('[') && host.ends_with(']') && host.size() > 2;
    if (is_bracketed) {
        host = host.substr(1, host.size() - 2);
    }
    if (!port || !is_ip(is_bracketed ? AF_INET6 : AF_INET, std::string(host))) {
        return std::nullopt;
    }
    return Address{std::string(host), *port, {}};
}

std::string to_string(const Address& address) {
    if (address.is_unix()) {
        return std::string(kUnix) + address.path;
    }
    const bool is_v6 = address.host.contains(':');
    return (is_v6 ? '[' + address.host + ']' : address.host) + ':' + std::to_string(address.port);
}

}  // namespace belfry::config
