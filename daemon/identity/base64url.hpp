/// Base 64 for URLs without padding (RFC 4648 5), as JOSE has it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace belfry {

std::string to_base64url(std::string_view bytes);
/// Nothing for text that to_base64url would not have written.
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace belfry
