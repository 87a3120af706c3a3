/// Values of attributes in HTTP and NATS headers.
#pragma once

#include <string>
#include <string_view>

namespace belfry {

/// Takes the quotes of a quoted-string away (RFC 9110 5.6.4), then decodes %XX once. A percent sign
/// that begins no such sequence stays.
std::string decode_header(std::string_view value);

}  // namespace belfry
