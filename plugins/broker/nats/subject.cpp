#include "plugins/broker/nats/subject.hpp"

#include <algorithm>

namespace belfry::nats {
namespace {

constexpr std::size_t kLongest = 1024;

bool is_printable(std::string_view text) {
    return std::ranges::none_of(text, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte <= ' ' || byte == 0x7F;
    });
}

/// Takes the first token; `rest` is what follows its dot.
std::string_view take_token(std::string_view& rest) {
    const auto dot = rest.find('.');
    const auto token = rest.substr(0, dot);
    rest = dot == std::string_view::npos ? std::string_view() : rest.substr(dot + 1);
    return token;
}

bool is_well_formed(std::string_view text) {
    return !text.empty() && text.size() <= kLongest && is_printable(text) && text.front() != '.' &&
           text.back() != '.' && !text.contains("..");
}

}  // namespace

bool is_subject(std::string_view text) {
    return is_well_formed(text) && text.find_first_of("*>") == std::string_view::npos;
}

bool is_pattern(std::string_view text) {
    if (!is_well_formed(text)) {
        return false;
    }
    for (std::string_view rest = text; !rest.empty();) {
        const auto token = take_token(rest);
        const bool is_wild = token.find_first_of("*>") != std::string_view::npos;
        if ((is_wild && token.size() > 1) || (token == ">" && !rest.empty())) {
            return false;
        }
    }
    return true;
}

bool matches(std::string_view pattern, std::string_view subject) {
    while (!pattern.empty() && !subject.empty()) {
        const auto expected = take_token(pattern);
        const auto found = take_token(subject);
        if (expected == ">") {
            return true;
        }
        if (found == ">" || (expected != "*" && expected != found)) {
            return false;
        }
    }
    return pattern.empty() && subject.empty();
}

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= 200 && is_printable(text) &&
           text.find_first_of(".*>/\\") == std::string_view::npos;
}

}  // namespace belfry::nats
