/// JSON as text: slices of what came in, pieces of what goes out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace belfry::ops {

/// Appends `text` as a JSON string. What is not UTF-8 would not be JSON: check before.
void append_json_string(std::string& out, std::string_view text);
/// Appends ,"name": (without the comma where the object begins).
void append_json_name(std::string& out, std::string_view name);

/// The bytes of a member's value in an object, as they were sent; empty where there is no such
/// member. `object` is valid JSON (parse it first) with each member once.
std::string_view raw_member(std::string_view object, std::string_view name);
/// The bytes of each item of an array. `array` is valid JSON.
std::vector<std::string_view> raw_items(std::string_view array);

}  // namespace belfry::ops
