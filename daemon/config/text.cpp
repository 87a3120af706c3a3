#include "daemon/config/text.hpp"

#include "daemon/base/utf8.hpp"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

namespace belfry::config {
namespace {

constexpr std::size_t kLongestCompared = 64;

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
            const bool is_swap =
                i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
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
    if (is_utf8(text)) {
        return std::nullopt;
    }
    std::size_t at = 0;
    while (at < text.size()) {
        std::size_t end = at + 1;
        const bool is_ascii = static_cast<std::uint8_t>(text[at]) < 0x80;
        while (!is_ascii && end < text.size() && is_continuation(text[end])) {
            ++end;
        }
        if (!is_utf8(text.substr(at, end - at))) {
            break;
        }
        at = end;
    }
    return at;
}

std::size_t count_code_points(std::string_view text) {
    return text.size() - static_cast<std::size_t>(std::ranges::count_if(text, is_continuation));
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
