/// Headers as they are on the wire.
///
/// The library's own reader is not used: it takes the next line for the value of an empty header,
/// and reads and writes behind the headers where a line has no colon.
#pragma once

#include "plugins/broker/nats/handles.hpp"

#include <string_view>
#include <utility>
#include <vector>

namespace belfry::nats {

/// Borrowed from the message; in the order they came, names as often as they came.
using Headers = std::vector<std::pair<std::string_view, std::string_view>>;

/// "NATS/1.0 503 No Responders\r\n...\r\n\r\n" of a message that came over the wire; empty where it
/// has no headers.
[[nodiscard]] std::string_view header_block(const Message& message);
/// Lines without a colon are left out.
[[nodiscard]] Headers parse_headers(std::string_view block);
/// The three digits of the server's own messages, such as "503"; else empty.
[[nodiscard]] std::string_view status_of(std::string_view block);
/// What follows the digits.
[[nodiscard]] std::string_view status_text(std::string_view block);
/// The first header of this name, whatever its case; empty where there is none.
[[nodiscard]] std::string_view find_header(const Headers& headers, std::string_view name);
[[nodiscard]] bool is_same_name(std::string_view one, std::string_view other);
/// Can it be sent? A name has no space, colon or control character, a value no line end and NUL.
[[nodiscard]] bool is_header(std::string_view name, std::string_view value);

}  // namespace belfry::nats
