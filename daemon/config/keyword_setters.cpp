#include "daemon/config/keyword_setters.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace belfry::config::keywords {
namespace {

constexpr std::array kTypes{Type::string,  Type::integer, Type::number,
                            Type::boolean, Type::object,  Type::array};

std::unexpected<Error> expected(const Keyword& keyword, const std::string& what) {
    return fail(Code::invalid, "expected " + what + " as " + std::string(keyword.name),
                keyword.pointer);
}

bool fits_type(const boost::json::value& value, Type type) {
    switch (type) {
        case Type::string: return value.is_string();
        case Type::integer: return value.is_int64();
        case Type::number: return value.is_number();
        case Type::boolean: return value.is_bool();
        default: return false;
    }
}

Result<> add_choice(Rule& rule, const Keyword& keyword, const boost::json::value& value) {
    if (!fits_type(value, rule.type)) {
        return expected(keyword, "values of the type " + std::string(name_of(rule.type)));
    }
    rule.choices.push_back(value);
    return {};
}

}  // namespace

Result<> set_type(Rule& rule, const Keyword& keyword) {
    const auto* found = std::ranges::find_if(
        kTypes, [&](Type type) { return keyword.value == boost::json::value(name_of(type)); });
    if (found == kTypes.end()) {
        return expected(keyword, "one of string, integer, number, boolean, object, array");
    }
    rule.type = *found;
    return {};
}

Result<> set_unit(Rule& rule, const Keyword& keyword) {
    if (keyword.value == "duration") {
        rule.unit = Unit::duration;
    } else if (keyword.value == "bytes") {
        rule.unit = Unit::bytes;
    } else {
        return expected(keyword, "\"duration\" or \"bytes\"");
    }
    return {};
}

Result<> set_properties(Rule& rule, const Keyword& keyword) {
    const auto* object = keyword.value.if_object();
    if (object == nullptr) {
        return expected(keyword, "an object of schemas");
    }
    for (const auto& [name, schema] : *object) {
        auto property = keyword.parse_rule(schema, join_pointer(keyword.pointer, name));
        if (!property) {
            return std::unexpected(property.error());
        }
        rule.properties.insert_or_assign(std::string(std::string_view(name)), std::move(*property));
    }
    return {};
}

Result<> set_required(Rule& rule, const Keyword& keyword) {
    const auto* array = keyword.value.if_array();
    if (array == nullptr ||
        !std::ranges::all_of(*array, [](const auto& name) { return name.is_string(); })) {
        return expected(keyword, "a list of keys");
    }
    for (const auto& name : *array) {
        rule.required.emplace_back(std::string_view(name.get_string()));
    }
    return {};
}

Result<> set_additional(Rule& rule, const Keyword& keyword) {
    if (keyword.value.is_bool() && !keyword.value.get_bool()) {
        return {};
    }
    auto additional = keyword.parse_rule(keyword.value, keyword.pointer);
    if (!additional) {
        return std::unexpected(additional.error());
    }
    rule.additional = std::move(*additional);
    return {};
}

Result<> set_items(Rule& rule, const Keyword& keyword) {
    auto items = keyword.parse_rule(keyword.value, keyword.pointer);
    if (!items) {
        return std::unexpected(items.error());
    }
    rule.items = std::move(*items);
    return {};
}

Result<> set_enum(Rule& rule, const Keyword& keyword) {
    const auto* array = keyword.value.if_array();
    if (array == nullptr || array->empty()) {
        return expected(keyword, "a list of values");
    }
    for (const auto& value : *array) {
        if (auto added = add_choice(rule, keyword, value); !added) {
            return added;
        }
    }
    return {};
}

Result<> set_const(Rule& rule, const Keyword& keyword) {
    rule.choices.clear();
    return add_choice(rule, keyword, keyword.value);
}

Result<> set_bound(Rule& rule, const Keyword& keyword, bool is_least) {
    if (rule.type == Type::number) {
        if (!keyword.value.is_number()) {
            return expected(keyword, "a number");
        }
        (is_least ? rule.numbers.least : rule.numbers.most) = keyword.value.to_number<double>();
        return {};
    }
    std::optional<std::int64_t> bound;
    if (const auto* number = keyword.value.if_int64()) {
        bound = *number;
    } else if (keyword.value.is_string() && rule.unit != Unit::none) {
        bound = parse_quantity(keyword.value.get_string(), rule.unit);
    }
    if (!bound) {
        return expected(keyword, describe(rule.unit));
    }
    (is_least ? rule.integers.least : rule.integers.most) = bound;
    return {};
}

Result<> set_length(Rule& rule, const Keyword& keyword, bool is_least) {
    const auto* number = keyword.value.if_int64();
    if (number == nullptr || *number < 0) {
        return expected(keyword, "an integer from 0");
    }
    (is_least ? rule.length.least : rule.length.most) = static_cast<std::uint64_t>(*number);
    return {};
}

Result<> set_pattern(Rule& rule, const Keyword& keyword) {
    const auto* text = keyword.value.if_string();
    if (text == nullptr) {
        return expected(keyword, "a regular expression");
    }
    try {
        const std::string_view view = *text;
        std::string pattern(view);
        boost::regex regex(pattern, boost::regex::ECMAScript);
        rule.pattern = Pattern{std::move(pattern), regex};
    } catch (const boost::regex_error&) {
        return expected(keyword, "a regular expression");
    }
    return {};
}

Result<> set_unique(Rule& rule, const Keyword& keyword) {
    if (!keyword.value.is_bool()) {
        return expected(keyword, "true or false");
    }
    rule.has_unique_items = keyword.value.get_bool();
    return {};
}

Result<> set_secret(Rule& rule, const Keyword& keyword) {
    if (!keyword.value.is_bool()) {
        return expected(keyword, "true or false");
    }
    rule.is_secret = keyword.value.get_bool();
    return {};
}

Result<> set_default(Rule& rule, const Keyword& keyword) {
    rule.fallback = to_node(keyword.value);
    return {};
}

Result<> check_text(Rule& /*rule*/, const Keyword& keyword) {
    if (!keyword.value.is_string()) {
        return expected(keyword, "a string");
    }
    return {};
}

Result<> check_reload(Rule& /*rule*/, const Keyword& keyword) {
    if (keyword.value != "live" && keyword.value != "instance" && keyword.value != "daemon") {
        return expected(keyword, "\"live\", \"instance\" or \"daemon\"");
    }
    return {};
}

}  // namespace belfry::config::keywords
