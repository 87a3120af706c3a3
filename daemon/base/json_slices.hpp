/// Pieces of JSON text, byte for byte.
#pragma once

#include <string_view>
#include <vector>

namespace belfry {

/// The bytes of a member's value in an object, as they were sent; empty where there is no such
/// member. `object` is valid JSON (parse it first) with each member once.
std::string_view raw_member(std::string_view object, std::string_view name);
/// The bytes of each item of an array. `array` is valid JSON.
std::vector<std::string_view> raw_items(std::string_view array);

}  // namespace belfry
