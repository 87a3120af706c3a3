/// A schema after parsing.
#pragma once

#include "daemon/config/document.hpp"
#include "daemon/config/unit.hpp"

#include <boost/json/value.hpp>
#include <boost/regex.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace belfry::config {

enum class Type : std::uint8_t { any, string, integer, number, boolean, object, array };

template <class Number>
struct Range {
    std::optional<Number> least;
    std::optional<Number> most;

    [[nodiscard]] bool contains(Number value) const {
        return !(least && value < *least) && !(most && value > *most);
    }
};

struct Pattern {
    std::string text;
    boost::regex regex;
};

/// One (sub)schema; which members mean something depends on the type.
struct Rule {
    Type type = Type::any;
    std::map<std::string, std::unique_ptr<const Rule>> properties;
    std::vector<std::string> required;
    std::unique_ptr<const Rule> additional;   ///< nullptr = unknown keys are errors
    std::unique_ptr<const Rule> items;        ///< nullptr = anything
    std::vector<boost::json::value> choices;  ///< enum or const; empty = no such limit
    Range<std::int64_t> integers;
    Range<double> numbers;
    Range<std::uint64_t> length;  ///< of a string in code points, of an array in items
    bool has_unique_items = false;
    std::optional<Pattern> pattern;
    std::optional<Node> fallback;
    bool is_secret = false;
    Unit unit = Unit::none;
};

/// A JSON value as a node without a place; strings count as quoted.
Node to_node(const boost::json::value& value);

/// The YAML 1.2 core schema's decimal numbers as JSON; nothing for other text, or where it does not
/// fit.
std::optional<boost::json::value> parse_number(std::string_view text);

}  // namespace belfry::config
