#include "daemon/mailbox/trace_context.hpp"

#include <algorithm>
#include <cstddef>

namespace belfry {
namespace {

constexpr std::size_t kSize = 55;  ///< of version 00
constexpr std::size_t kLongest = 200;

bool is_hex(std::string_view text) {
    return std::ranges::all_of(text, [](char byte) {
        return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f');
    });
}

bool is_id(std::string_view text) {
    return is_hex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

}  // namespace

bool is_traceparent(std::string_view text) {
    if (text.size() < kSize || text.size() > kLongest || text[2] != '-' || text[35] != '-' ||
        text[52] != '-') {
        return false;
    }
    const std::string_view version = text.substr(0, 2);
    if (!is_hex(version) || version == "ff" || (version == "00" && text.size() != kSize)) {
        return false;
    }
    const std::string_view rest = text.substr(kSize);
    const auto is_printable = [](char byte) { return byte > 0x20 && byte < 0x7f; };
    return is_id(text.substr(3, 32)) && is_id(text.substr(36, 16)) && is_hex(text.substr(53, 2)) &&
           (rest.empty() || (rest[0] == '-' && std::ranges::all_of(rest, is_printable)));
}

}  // namespace belfry
