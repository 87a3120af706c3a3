/// Small questions about text.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace belfry::config {

/// Where `text` stops being UTF-8 (RFC 3629); nothing where it never does.
std::optional<std::size_t> find_invalid_utf8(std::string_view text);

/// Whether it is a byte of a UTF-8 character, and not its first one.
constexpr bool is_continuation(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

/// Code points in valid UTF-8.
std::size_t count_code_points(std::string_view text);

/// The word most like `word`, or nothing where none is like it.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> words);

/// "a, b, c".
std::string join(std::span<const std::string> words);

}  // namespace belfry::config
