#include "daemon/base/utf8.hpp"

#include <cstddef>
#include <cstdint>

namespace belfry {
namespace {

struct Lead {
    std::size_t length;  ///< of the whole sequence; 0 = no lead byte
    unsigned char second_min;
    unsigned char second_max;
};

/// Table 3-7 of the Unicode standard.
Lead classify(unsigned char byte) {
    if (byte < 0x80) {
        return {1, 0, 0};
    }
    if (byte >= 0xc2 && byte <= 0xdf) {
        return {2, 0x80, 0xbf};
    }
    if (byte >= 0xe0 && byte <= 0xef) {
        return {3, static_cast<unsigned char>(byte == 0xe0 ? 0xa0 : 0x80),
                static_cast<unsigned char>(byte == 0xed ? 0x9f : 0xbf)};
    }
    if (byte >= 0xf0 && byte <= 0xf4) {
        return {4, static_cast<unsigned char>(byte == 0xf0 ? 0x90 : 0x80),
                static_cast<unsigned char>(byte == 0xf4 ? 0x8f : 0xbf)};
    }
    return {0, 0, 0};
}

bool is_sequence(std::string_view text, const Lead& lead) {
    if (lead.length == 0 || lead.length > text.size()) {
        return false;
    }
    for (std::size_t i = 1; i < lead.length; ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const bool fits = i == 1 ? byte >= lead.second_min && byte <= lead.second_max
                                 : byte >= 0x80 && byte <= 0xbf;
        if (!fits) {
            return false;
        }
    }
    return true;
}

}  // namespace

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const Lead lead = classify(static_cast<unsigned char>(text.front()));
        if (!is_sequence(text, lead)) {
            return false;
        }
        text.remove_prefix(lead.length);
    }
    return true;
}

}  // namespace belfry
