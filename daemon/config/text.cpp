#include "daemon/config/text.hpp"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

namespace belfry::config {
namespace {

constexpr std::size_t kLongestCompared = 64;

/// How many bytes a sequence with this first byte has, and what its second byte must be within.
struct Lead {
    std::size_t length;
    std::uint8_t low;
    std::uint8_t high;
};

/// RFC 3629, section 4.
Lead lead_of(std::uint8_t first) {
    if (first < 0x80) {
        return {1, 0, 0};
    }
    if (first >= 0xC2 && first <= 0xDF) {
        return {2, 0x80, 0xBF};
    }
    if (first >= 0xE0 && first <= 0xEF) {
        return {3, static_cast<std::uint8_t>(first == 0xE0 ? 0xA0 : 0x80),
                static_cast<std::uint8_t>(first == 0xED ? 0x9F : 0xBF)};
    }
    if (first >= 0xF0 && first <= 0xF4) {
        return {4, static_cast<std::uint8_t>(first == 0xF0 ? 0x90 : 0x80),
                static_cast<std::uint8_t>(first == 0xF4 ? 0x8F : 0xBF)};
    }
    return {0, 0, 0};
}

bool is_sequence(std::string_view text, const Lead& lead) {
    if (lead.length == 0 || lead.length > text.size()) {
        return false;
    }
    for (std::size_t i = 1; i < lead.length; ++i) {
        const auto byte = static_cast<std::uint8_t>(text[i]);
        const bool fits =
            i == 1 ? byte >= lead.low && byte <= lead.high : byte >= 0x80 && byte <= 0xBF;
        if (!fits) {
            return false;
        }
    }
    return true;
}

/// Optimal string alignment: insertions, deletions, changes and swaps of neighbours.
std::size_t distance(std::string_view left, std::string_view right) {
    std::vector<std::size_t> before_last(right.size() + 1);
    std::vector<std::size_t> last(right.size() + 1);
    std::vector<std::size_t> now(right.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= left.size(); ++i) {
        now[0] = i;
        for (std::size_t j = 1; j <= right.size(); ++j) {
            const std::size_t change = left[i - 1] == right[j - 1] ? 0 : 1;
            now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + change});
            const bool is_swap = i > 1 && j > 1 && left[i - 1] == right[j - 2] &&
                                 left[i - 2] == right[j - 1];
            if (is_swap) {
                now[j] = std::min(now[j], before_last[j - 2] + 1);
            }
        }
        std::swap(before_last, last);
        std::swap(last, now);
    }
    return last[right.size()];
}

/// Lower case, without what people put between words.
std::string folded(std::string_view word) {
    std::string out;
    for (const char letter : word) {
        if (letter >= 'A' && letter <= 'Z') {
            out += static_cast<char>(letter - 'A' + 'a');
        } else if (letter != '_' && letter != '-' && letter != ' ') {
            out += letter;
        }
    }
    return out;
}

}  // namespace

std::optional<std::size_t> find_invalid_utf8(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        const Lead lead = lead_of(static_cast<std::uint8_t>(text[at]));
        if (!is_sequence(text.substr(at), lead)) {
            return at;
        }
        at += lead.length;
    }
    return std::nullopt;
}

std::size_t count_code_points(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char byte) { return (static_cast<std::uint8_t>(byte) & 0xC0U) != 0x80U; }));
}

std::optional<std::string> nearest(std::string_view word, std::span<const std::string> words) {
    if (word.size() > kLongestCompared) {
        return std::nullopt;
    }
    const std::string wanted = folded(word);
    std::size_t best = std::max<std::size_t>(1, wanted.size() / 3) + 1;
    std::optional<std::string> found;
    for (const std::string& candidate : words) {
        const std::string known = folded(candidate);
        const std::size_t apart = distance(wanted, known);
        if (apart < best && apart < known.size()) {
            best = apart;
            found = candidate;
        }
    }
    return found;
}

std::string join(std::span<const std::string> words) {
    std::string out;
    for (const std::string& word : words) {
        out += (out.empty() ? "" : ", ") + word;
    }
    return out;
}

}  // namespace belfry::config
