/// Pieces of header fields and queries.
#pragma once

#include <belfry/abi.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::websocket {

/// Equal but for the case of ASCII letters?
[[nodiscard]] bool is_same(std::string_view left, std::string_view right);
/// A token of RFC 9110 5.6.2?
[[nodiscard]] bool is_token(std::string_view text);
/// The values of all headers of this lower-case name, in order.
[[nodiscard]] std::vector<std::string_view> header_values(const bf_request& request,
                                                          std::string_view name);
/// The members of comma-separated lists in these values; empty members are left out.
[[nodiscard]] std::vector<std::string_view> list_items(const std::vector<std::string_view>& values);

/// A query parameter, decoded; empty where it is not there. Nothing where it is there twice, its
/// escapes are broken, or it is not printable UTF-8.
[[nodiscard]] std::optional<std::string> query_value(std::string_view query, std::string_view name);

}  // namespace belfry::websocket
