/// Bytes as printable text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace belfry::sqlite {

inline std::string to_hex(std::string_view bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const char byte : bytes) {
        const auto value = static_cast<unsigned char>(byte);
        text += kDigits[value >> 4U];
        text += kDigits[value & 0xfU];
    }
    return text;
}

/// False where the text is not what to_hex() gives.
inline bool from_hex(std::string_view text, std::string& bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    if (text.size() % 2 != 0) {
        return false;
    }
    bytes.clear();
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const auto high = kDigits.find(text[i]);
        const auto low = kDigits.find(text[i + 1]);
        if (high == std::string_view::npos || low == std::string_view::npos) {
            return false;
        }
        bytes += static_cast<char>(high << 4U | low);
    }
    return true;
}

}  // namespace belfry::sqlite
