/// Which texts there can be, and where other bytes stand among them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace belfry::postgresql {

/// What PostgreSQL takes as text: UTF-8 without NUL.
bool is_text(std::string_view bytes);

/// The first text that is not before `bytes`, in the order of bytes; none where every text is.
std::optional<std::string> first_text(std::string_view bytes);

/// Up to so many characters of a text.
std::string_view head_of(std::string_view text, std::size_t characters);

}  // namespace belfry::postgresql
