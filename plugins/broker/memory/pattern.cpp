#include "plugins/broker/memory/pattern.hpp"

#include <algorithm>
#include <cstdint>

namespace belfry::memory {
namespace {

constexpr std::size_t kLongestName = 1024;

bool is_open(std::string_view pattern) { return pattern == ">" || pattern.ends_with(".>"); }

}  // namespace

bool is_destination(std::string_view name) {
    return !name.empty() && name.size() <= kLongestName &&
           std::all_of(name.begin(), name.end(), [](char c) {
               const auto byte = static_cast<std::uint8_t>(c);
               return byte >= 0x20 && byte != 0x7F && c != '>';
           });
}

bool is_pattern(std::string_view text) {
    if (text == ">") {
        return true;
    }
    return is_destination(is_open(text) ? text.substr(0, text.size() - 2) : text);
}

bool matches(std::string_view pattern, std::string_view destination) {
    if (!is_open(pattern)) {
        return pattern == destination;
    }
    const auto prefix = pattern.substr(0, pattern.size() - 1);
    return destination.size() > prefix.size() && destination.starts_with(prefix);
}

}  // namespace belfry::memory
