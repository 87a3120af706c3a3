/// UTF-8, piece by piece.
#pragma once

#include <belfry/types.hpp>

#include <cstdint>

namespace belfry::websocket {

/// Follows a text through its pieces and fails at the first byte that cannot be right, also in the
/// middle of a code point (RFC 3629; no surrogates, nothing above U+10FFFF, no overlong forms).
class Utf8 {
public:
    /// False where `piece` cannot continue the text; the object is of no use then.
    [[nodiscard]] bool take(sdk::Bytes piece);
    /// Does the text so far end with a whole code point?
    [[nodiscard]] bool whole() const { return missing_ == 0; }

private:
    [[nodiscard]] bool begin(std::uint8_t byte);

    std::uint8_t missing_ = 0;   // bytes of the code point that are still to come
    std::uint8_t least_ = 0x80;  // bounds of the next one
    std::uint8_t most_ = 0xBF;
};

/// Is `text` as a whole valid?
[[nodiscard]] bool is_utf8(sdk::Bytes text);

}  // namespace belfry::websocket
