/// Numbers as bytes, the same on every machine.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace belfry::sqlite {

constexpr std::size_t kNumberBytes = sizeof(std::uint64_t);

inline void put_number(std::string& text, std::uint64_t value) {
    if constexpr (std::endian::native == std::endian::big) {
        value = std::byteswap(value);
    }
    const auto at = text.size();
    text.resize(at + kNumberBytes);
    std::memcpy(text.data() + at, &value, kNumberBytes);
}

/// From the front of the text, which has at least so many bytes.
inline std::uint64_t take_number(std::string_view& text) {
    std::uint64_t value = 0;
    std::memcpy(&value, text.data(), kNumberBytes);
    if constexpr (std::endian::native == std::endian::big) {
        value = std::byteswap(value);
    }
    text.remove_prefix(kNumberBytes);
    return value;
}

}  // namespace belfry::sqlite
