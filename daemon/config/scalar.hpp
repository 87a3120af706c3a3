/// What one scalar means to a rule.
#pragma once

#include "daemon/config/rule.hpp"

#include <boost/json/value.hpp>

#include <expected>
#include <string>
#include <string_view>

namespace belfry::config {

/// The value, or what was expected instead: "an integer from 0 to 256".
using Converted = std::expected<boost::json::value, std::string>;

/// `rule` has a scalar type. A quoted scalar is text, except for quantities with a unit.
Converted convert_scalar(const Rule& rule, std::string_view text, bool is_quoted);

/// The limits on a string's length and form; empty where it keeps them, else what was expected.
std::string find_string_fault(const Rule& rule, std::string_view text);

/// By the YAML 1.2 core schema (decimal numbers only): null, true, false, a number, else text.
boost::json::value convert_untyped(std::string_view text, bool is_quoted);

/// What a rule wants, for people: "text", "an integer", "a map".
std::string describe(const Rule& rule);

/// " from 1 to 5", " of at least 1", " of at most 5" or nothing.
std::string describe_range(const Range<std::uint64_t>& range);

}  // namespace belfry::config
