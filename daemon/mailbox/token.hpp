/// Positions in a stream as clients see them.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace belfry {

/// "<epoch>.<seq>", both in base 32; opaque to clients and the same on every transport. It names
/// the last entry its holder has seen.
struct Token {
    std::uint64_t epoch = 0;
    std::uint64_t seq = 0;

    [[nodiscard]] std::string print() const;
    /// Nothing for text that print would not have written.
    static std::optional<Token> parse(std::string_view text);
    bool operator==(const Token&) const = default;
};

}  // namespace belfry
