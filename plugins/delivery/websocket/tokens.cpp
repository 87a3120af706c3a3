#include "plugins/delivery/websocket/tokens.hpp"

#include "plugins/delivery/websocket/utf8.hpp"

#include <belfry/types.hpp>

#include <algorithm>
#include <span>

namespace belfry::websocket {
namespace {

char lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool is_token_char(char c) {
    const bool alphanumeric = (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z');
    return alphanumeric || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

int hex_value(char digit) {
    const char small = lower(digit);
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

/// application/x-www-form-urlencoded, as browsers write it.
std::optional<std::string> decoded(std::string_view text) {
    std::string result;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') {
            result.push_back(text[at] == '+' ? ' ' : text[at]);
            continue;
        }
        if (text.size() - at < 3 || hex_value(text[at + 1]) < 0 || hex_value(text[at + 2]) < 0) {
            return std::nullopt;
        }
        result.push_back(static_cast<char>(hex_value(text[at + 1]) * 16 + hex_value(text[at + 2])));
        at += 2;
    }
    return result;
}

bool is_printable(std::string_view text) {
    const bool has_control = std::any_of(text.begin(), text.end(), [](char c) {
        return static_cast<std::uint8_t>(c) < 0x20 || c == 0x7F;
    });
    return !has_control && is_utf8(sdk::view(sdk::bytes_of(text)));
}

}  // namespace

bool is_same(std::string_view left, std::string_view right) {
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [](char one, char other) { return lower(one) == lower(other); });
}

bool is_token(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}

std::vector<std::string_view> header_values(const bf_request& request, std::string_view name) {
    std::vector<std::string_view> values;
    for (const bf_pair& header : std::span(request.headers, request.header_count)) {
        if (sdk::view(header.name) == name) {
            values.push_back(trimmed(sdk::view(header.value)));
        }
    }
    return values;
}

std::vector<std::string_view> list_items(const std::vector<std::string_view>& values) {
    std::vector<std::string_view> items;
    for (std::string_view rest : values) {
        while (!rest.empty()) {
            const auto comma = std::min(rest.find(','), rest.size());
            const auto item = trimmed(rest.substr(0, comma));
            if (!item.empty()) {
                items.push_back(item);
            }
            rest.remove_prefix(std::min(comma + 1, rest.size()));
        }
    }
    return items;
}

std::optional<std::string> query_value(std::string_view query, std::string_view name) {
    std::optional<std::string> found;
    while (!query.empty()) {
        const auto end = std::min(query.find('&'), query.size());
        const auto pair = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        const auto equals = std::min(pair.find('='), pair.size());
        if (decoded(pair.substr(0, equals)) != name) {
            continue;
        }
        const auto value = decoded(pair.substr(std::min(equals + 1, pair.size())));
        if (found || !value || !is_printable(*value)) {
            return std::nullopt;
        }
        found = value;
    }
    return found.value_or("");
}

}  // namespace belfry::websocket
