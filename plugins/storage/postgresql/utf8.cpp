#include "plugins/storage/postgresql/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace belfry::postgresql {

namespace {

constexpr std::size_t kWordBytes = sizeof(std::uint64_t);

std::size_t skip_ascii(std::string_view text, std::size_t at) {
    constexpr std::uint64_t kHighBits = 0x8080808080808080;
    for (; at + kWordBytes <= text.size(); at += kWordBytes) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + at, kWordBytes);
        if ((word & kHighBits) != 0) {
            break;
        }
    }
    while (at < text.size() && static_cast<std::uint8_t>(text[at]) < 0x80) {
        ++at;
    }
    return at;
}

/// By the first byte of a sequence; 0 where none begins with it.
std::size_t length_by(std::uint8_t first) {
    if (first < 0xC2 || first > 0xF4) {
        return 0;
    }
    return first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

/// What would be overlong, a surrogate or too large shows in the second byte.
bool may_follow(std::uint8_t first, std::uint8_t second) {
    const std::uint8_t least = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    const std::uint8_t most = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    return second >= least && second <= most;
}

/// Of the sequence that begins at the front; 0 where none does.
std::size_t sequence_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::size_t length = length_by(byte(0));
    if (length == 0 || text.size() < length || !may_follow(byte(0), byte(1))) {
        return 0;
    }
    for (std::size_t i = 2; i < length; ++i) {
        if ((byte(i) & 0xC0) != 0x80) {
            return 0;
        }
    }
    return length;
}

}  // namespace

bool is_utf8(std::string_view text) {
    for (auto at = skip_ascii(text, 0); at < text.size(); at = skip_ascii(text, at)) {
        const auto length = sequence_length(text.substr(at));
        if (length == 0) {
            return false;
        }
        at += length;
    }
    return true;
}

}  // namespace belfry::postgresql
