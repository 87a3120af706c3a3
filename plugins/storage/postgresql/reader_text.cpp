#include "plugins/storage/postgresql/reader_text.hpp"

#include "plugins/storage/postgresql/utf8.hpp"

#include <algorithm>
#include <cstdint>
#include <ranges>

namespace belfry::postgresql {

namespace {

constexpr std::uint32_t kLast = 0x10ffff;
constexpr std::uint32_t kFirstSurrogate = 0xd800;
constexpr std::uint32_t kBehindSurrogates = 0xe000;

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; }

std::string encode(std::uint32_t point) {
    const auto tail = [point](unsigned shift) {
        return static_cast<char>(0x80U | (point >> shift & 0x3fU));
    };
    if (point < 0x80) {
        return {static_cast<char>(point)};
    }
    if (point < 0x800) {
        return {static_cast<char>(0xc0U | point >> 6U), tail(0)};
    }
    if (point < 0x10000) {
        return {static_cast<char>(0xe0U | point >> 12U), tail(6), tail(0)};
    }
    return {static_cast<char>(0xf0U | point >> 18U), tail(12), tail(6), tail(0)};
}

/// The first character that is `point` or behind it; 0 where there is none.
std::uint32_t character_from(std::uint32_t point) {
    if (point >= kFirstSurrogate && point < kBehindSurrogates) {
        return kBehindSurrogates;
    }
    return point <= kLast ? point : 0;
}

/// The first character whose bytes are not before `bytes`; 0 where there is none.
std::uint32_t character_from(std::string_view bytes) {
    const auto points = std::views::iota(1U, kLast + 1);
    const auto found = std::ranges::lower_bound(
        points, bytes, std::less<>{}, [](auto point) { return encode(character_from(point)); });
    return found == points.end() ? 0 : character_from(*found);
}

std::uint32_t decode(std::string_view character) {
    const auto lead = static_cast<unsigned char>(character.front());
    const auto size = character.size();
    std::uint32_t point = size == 1 ? lead : lead & (0x7fU >> size);
    for (const char c : character.substr(1)) {
        point = point << 6U | (static_cast<unsigned char>(c) & 0x3fU);
    }
    return point;
}

/// How many bytes the character there has; 0 where there is none that is allowed.
std::size_t character_size(std::string_view bytes) {
    const auto lead = static_cast<unsigned char>(bytes.front());
    if (lead < 0x80) {
        return lead == 0 ? 0 : 1;
    }
    const std::size_t size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (is_continuation(bytes.front()) || lead > 0xf4 || size > bytes.size() ||
        !std::ranges::all_of(bytes.substr(1, size - 1), is_continuation)) {
        return 0;
    }
    const auto character = bytes.substr(0, size);
    const auto point = decode(character);
    return character_from(point) == point && encode(point) == character ? size : 0;
}

std::size_t text_size(std::string_view bytes) {
    std::size_t size = 0;
    while (size < bytes.size()) {
        const auto next = character_size(bytes.substr(size));
        if (next == 0) {
            break;
        }
        size += next;
    }
    return size;
}

/// The first text behind all that begin with `text`.
std::optional<std::string> behind_all(std::string text) {
    while (!text.empty()) {
        auto start = text.size() - 1;
        while (is_continuation(text[start])) {
            --start;
        }
        const auto next = character_from(decode(std::string_view(text).substr(start)) + 1);
        text.resize(start);
        if (next != 0) {
            return text + encode(next);
        }
    }
    return std::nullopt;
}

}  // namespace

bool is_text(std::string_view bytes) { return is_utf8(bytes) && !bytes.contains('\0'); }

std::optional<std::string> first_text(std::string_view bytes) {
    const auto size = text_size(bytes);
    std::string text(bytes.substr(0, size));
    if (size == bytes.size()) {
        return text;
    }
    const auto next = character_from(bytes.substr(size));
    return next == 0 ? behind_all(std::move(text)) : text + encode(next);
}

std::string_view head_of(std::string_view text, std::size_t characters) {
    std::size_t size = 0;
    while (size < text.size() && (characters > 0 || is_continuation(text[size]))) {
        characters -= is_continuation(text[size]) ? 0 : 1;
        ++size;
    }
    return text.substr(0, size);
}

}  // namespace belfry::postgresql
