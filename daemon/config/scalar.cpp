#include "daemon/config/scalar.hpp"

#include "daemon/config/problem.hpp"
#include "daemon/config/schema.hpp"
#include "daemon/config/text.hpp"

#include <algorithm>
#include <vector>

namespace belfry::config {
namespace {

template <class Number, class Format>
std::string range_text(const Range<Number>& range, Format format) {
    if (range.least && range.most) {
        return " from " + format(*range.least) + " to " + format(*range.most);
    }
    if (range.least) {
        return " of at least " + format(*range.least);
    }
    return range.most ? " of at most " + format(*range.most) : "";
}

std::string describe_integer(const Rule& rule) {
    return describe(rule.unit) + range_text(rule.integers, [&](std::int64_t value) {
               return format_quantity(value, rule.unit);
           });
}

std::string describe_number(const Rule& rule) {
    return "a number" + range_text(rule.numbers, [](double value) { return to_json_text(value); });
}

Converted convert_integer(const Rule& rule, std::string_view text, bool is_quoted) {
    const bool may_be_quoted = rule.unit != Unit::none;
    const auto value = is_quoted && !may_be_quoted ? std::nullopt : parse_quantity(text, rule.unit);
    if (!value || !rule.integers.contains(*value)) {
        return std::unexpected(describe_integer(rule));
    }
    return *value;
}

Converted convert_number(const Rule& rule, std::string_view text, bool is_quoted) {
    const auto value = is_quoted ? std::nullopt : parse_number(text);
    if (!value || !rule.numbers.contains(value->to_number<double>())) {
        return std::unexpected(describe_number(rule));
    }
    return *value;
}

Converted convert_boolean(std::string_view text, bool is_quoted) {
    if (is_quoted || (text != "true" && text != "false")) {
        return std::unexpected("true or false");
    }
    return text == "true";
}

Converted convert_string(const Rule& rule, std::string_view text) {
    std::string fault = find_string_fault(rule, text);
    if (!fault.empty()) {
        return std::unexpected(std::move(fault));
    }
    return boost::json::string(text);
}

Converted convert_by_type(const Rule& rule, std::string_view text, bool is_quoted) {
    switch (rule.type) {
        case Type::integer: return convert_integer(rule, text, is_quoted);
        case Type::number: return convert_number(rule, text, is_quoted);
        case Type::boolean: return convert_boolean(text, is_quoted);
        default: return convert_string(rule, text);
    }
}

bool matches(const Pattern& pattern, std::string_view text) {
    try {
        return boost::regex_search(text.begin(), text.end(), pattern.regex);
    } catch (const std::runtime_error&) {
        return false;  // Boost.Regex gives up on what would take for ever.
    }
}

}  // namespace

Converted convert_scalar(const Rule& rule, std::string_view text, bool is_quoted) {
    Converted value = convert_by_type(rule, text, is_quoted);
    if (!value || rule.choices.empty() ||
        std::ranges::find(rule.choices, *value) != rule.choices.end()) {
        return value;
    }
    std::vector<std::string> shown;
    shown.reserve(rule.choices.size());
    for (const auto& choice : rule.choices) {
        shown.push_back(choice.is_string() ? std::string(std::string_view(choice.get_string()))
                                           : to_json_text(choice));
    }
    return std::unexpected((shown.size() == 1 ? "" : "one of ") + join(shown));
}

std::string find_string_fault(const Rule& rule, std::string_view text) {
    const std::size_t length = count_code_points(text);
    if (!rule.length.contains(length)) {
        return "text" + describe_range(rule.length) + " characters";
    }
    if (rule.pattern && !matches(*rule.pattern, text)) {
        return "text that matches " + rule.pattern->text;
    }
    return {};
}

boost::json::value convert_untyped(std::string_view text, bool is_quoted) {
    if (!is_quoted) {
        if (text == "true" || text == "false") {
            return text == "true";
        }
        if (auto number = parse_number(text)) {
            return std::move(*number);
        }
    }
    return boost::json::string(text);
}

std::string describe(const Rule& rule) {
    switch (rule.type) {
        case Type::string: return "text";
        case Type::integer: return describe_integer(rule);
        case Type::number: return describe_number(rule);
        case Type::boolean: return "true or false";
        case Type::object: return "a map";
        case Type::array: return "a list";
        case Type::any: break;
    }
    return "a value";
}

std::string describe_range(const Range<std::uint64_t>& range) {
    return range_text(range, [](std::uint64_t value) { return std::to_string(value); });
}

}  // namespace belfry::config
