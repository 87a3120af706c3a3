/// Media types (RFC 9110 8.3.1), as far as the daemon tells them apart.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace belfry {

/// The deepest JSON that is read.
constexpr std::size_t kDeepestJson = 32;

/// The type alone, in lower case, without parameters such as "; charset=utf-8".
std::string essence(std::string_view media_type);
bool is_json(std::string_view media_type);
/// ASCII letters in lower case.
std::string to_lower(std::string_view text);

}  // namespace belfry
