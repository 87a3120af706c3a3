/// Text on its way to people and to the daemon.
#pragma once

#include "cli/client.hpp"
#include "cli/outcome.hpp"

#include <string>
#include <string_view>

namespace belfry::cli {

/// Valid UTF-8 without NUL: what is not becomes U+FFFD.
std::string to_utf8(std::string_view bytes);

/// Safe for a terminal: control characters are shown as escapes.
std::string printable(std::string_view text);

/// The stream of a recipient: "user:" in front unless it names a user or topic already.
std::string to_stream(std::string_view recipient);

/// For one segment of a URL's path: what is not a letter, a digit or one of -._~ as %XX.
std::string to_path_segment(std::string_view text);

/// What an answer that is no success says, for people.
Failure to_failure(const Answer& answer);

/// One line on standard output, at once.
void print_line(std::string_view line);

}  // namespace belfry::cli
