#include "daemon/base/ids.hpp"

#include <algorithm>
#include <array>

namespace belfry {
namespace {

constexpr std::string_view kDigits = "0123456789abcdefghjkmnpqrstvwxyz";

/// The lowest `count` digits of a number, most significant first.
void append_digits(std::string& out, std::uint64_t number, int count) {
    for (int shift = (count - 1) * 5; shift >= 0; shift -= 5) {
        out += kDigits[(number >> shift) & 31U];
    }
}

}  // namespace

std::string to_base32(std::uint64_t number) {
    std::string text;
    do {
        text += kDigits[number & 31U];
        number >>= 5U;
    } while (number != 0);
    std::ranges::reverse(text);
    return text;
}

std::optional<std::uint64_t> from_base32(std::string_view text) {
    constexpr std::size_t kLongest = 13;
    if (text.empty() || text.size() > kLongest || (text.size() > 1 && text.front() == '0')) {
        return std::nullopt;
    }
    std::uint64_t number = 0;
    for (const char digit : text) {
        const auto value = kDigits.find(digit);
        if (value == std::string_view::npos || number > (UINT64_MAX >> 5U)) {
            return std::nullopt;
        }
        number = (number << 5U) | value;
    }
    return number;
}

std::string to_hex(std::string_view bytes) {
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const char byte : bytes) {
        const auto value = static_cast<unsigned char>(byte);
        text += kHex[value >> 4U];
        text += kHex[value & 15U];
    }
    return text;
}

std::string IdMaker::make() {
    const std::lock_guard lock(mutex_);
    const auto now = static_cast<std::uint64_t>(clock_.now() / kMillisecond);
    if (now > last_time_) {
        last_time_ = now;
        high_ = random_.next() & 0x7fffU;  // room to count up
        low_ = random_.next();
    } else if (++low_ == 0) {
        ++high_;
    }
    std::string id;
    id.reserve(26);
    append_digits(id, last_time_, 10);
    append_digits(id, (high_ << 4U) | (low_ >> 60U), 4);
    append_digits(id, low_ >> 0U, 12);
    return id;
}

}  // namespace belfry
