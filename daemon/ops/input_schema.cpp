#include "daemon/ops/input_schema.hpp"

#include "daemon/config/rule.hpp"
#include "daemon/config/scalar.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace belfry::ops {
namespace {

namespace json = boost::json;
using config::Rule;
using config::Type;

std::string_view wanted(Type type) {
    switch (type) {
        case Type::any: return "a value";
        case Type::string: return "a string";
        case Type::integer: return "an integer";
        case Type::number: return "a number";
        case Type::boolean: return "true or false";
        case Type::object: return "an object";
        case Type::array: return "an array";
    }
    return "a value";
}

std::string_view found_kind(const json::value& value) {
    switch (value.kind()) {
        case json::kind::null: return "null";
        case json::kind::bool_: return "true or false";
        case json::kind::string: return "a string";
        case json::kind::array: return "an array";
        case json::kind::object: return "an object";
        default: return "a number";
    }
}

bool has_type(const json::value& value, Type type) {
    switch (type) {
        case Type::any: return true;
        case Type::string: return value.is_string();
        case Type::integer: return value.is_int64();
        case Type::number: return value.is_number();
        case Type::boolean: return value.is_bool();
        case Type::object: return value.is_object();
        case Type::array: return value.is_array();
    }
    return false;
}

/// RFC 6901 3.
std::string escape(std::string_view name) {
    std::string escaped = "/";
    for (const char byte : name) {
        if (byte == '~' || byte == '/') {
            escaped += byte == '~' ? "~0" : "~1";
        } else {
            escaped += byte;
        }
    }
    return escaped;
}

std::unexpected<Error> expected(std::string_view what, std::string_view found) {
    return fail(Code::invalid, "expected " + std::string(what) + ", found " + std::string(found));
}

Result<> check_value(const Rule& rule, const json::value& value);

/// The pointer is built on the way back, when there is something to point at.
Result<> at(std::string_view name, Result<> checked) {
    if (!checked) {
        checked.error().pointer.insert(0, escape(name));
    }
    return checked;
}

Result<> check_object(const Rule& rule, const json::object& object) {
    for (const auto& [key, value] : object) {
        const auto known = rule.properties.find(std::string(std::string_view(key)));
        const Rule* own =
            known != rule.properties.end() ? known->second.get() : rule.additional.get();
        if (own == nullptr) {
            return at(key, fail(Code::invalid, "expected no such member"));
        }
        if (auto checked = check_value(*own, value); !checked) {
            return at(key, std::move(checked));
        }
    }
    for (const std::string& name : rule.required) {
        if (!object.contains(name)) {
            return at(name, fail(Code::invalid, "expected this member, found none"));
        }
    }
    return {};
}

Result<> check_array(const Rule& rule, const json::array& array) {
    if (!rule.length.contains(array.size())) {
        return expected("an array" + config::describe_range(rule.length) + " items",
                        std::to_string(array.size()));
    }
    for (std::size_t i = 0; rule.items != nullptr && i < array.size(); ++i) {
        if (auto checked = check_value(*rule.items, array[i]); !checked) {
            return at(std::to_string(i), std::move(checked));
        }
    }
    return {};
}

Result<> check_string(const Rule& rule, const json::string& text) {
    if (!rule.length.least && !rule.length.most && !rule.pattern) {
        return {};
    }
    const std::string fault = config::find_string_fault(rule, text);
    return fault.empty() ? Result<>{} : expected(fault, "another text");
}

Result<> check_value(const Rule& rule, const json::value& value) {
    if (!has_type(value, rule.type)) {
        return expected(wanted(rule.type), found_kind(value));
    }
    if (!rule.choices.empty() && std::ranges::find(rule.choices, value) == rule.choices.end()) {
        return expected(config::describe(rule), "another value");
    }
    switch (rule.type) {
        case Type::string: return check_string(rule, value.get_string());
        case Type::object: return check_object(rule, value.get_object());
        case Type::array: return check_array(rule, value.get_array());
        case Type::integer:
            return rule.integers.contains(value.get_int64())
                       ? Result<>{}
                       : expected(config::describe(rule), std::to_string(value.get_int64()));
        default: return {};
    }
}

/// Leaves out what is for readers.
json::value without_remarks(const json::value& schema) {
    const auto* object = schema.if_object();
    if (object == nullptr) {
        return schema;
    }
    constexpr std::array<std::string_view, 4> kRemarks{"anyOf", "format", "examples", "x-each"};
    json::object kept;
    for (const auto& [key, value] : *object) {
        const bool is_remark =
            std::ranges::find(kRemarks, std::string_view(key)) != kRemarks.end() ||
            (key == "items" && object->contains("x-each"));
        if (key == "properties" && value.is_object()) {
            json::object properties;
            for (const auto& [name, property] : value.get_object()) {
                properties.emplace(name, without_remarks(property));
            }
            kept.emplace(key, std::move(properties));
        } else if (!is_remark) {
            kept.emplace(key, key == "items" ? without_remarks(value) : value);
        }
    }
    return kept;
}

}  // namespace

Result<InputSchema> InputSchema::parse(std::string_view text) {
    boost::system::error_code error;
    const json::value schema = json::parse(text, error);
    if (error) {
        return fail(Code::invalid, "expected a JSON Schema: " + error.message());
    }
    auto parsed = config::Schema::parse(json::serialize(without_remarks(schema)));
    if (!parsed) {
        return std::unexpected(parsed.error());
    }
    return InputSchema(std::move(*parsed));
}

Result<> InputSchema::check(const json::value& input) const {
    auto checked = check_value(schema_.root(), input);
    if (!checked && !checked.error().pointer.empty()) {
        checked.error().message.insert(0, checked.error().pointer + ": ");
    }
    return checked;
}

Result<json::value> InputSchema::from_text(std::string_view member, std::string_view text) const {
    const std::string name(member);
    const auto known = schema_.root().properties.find(name);
    if (known == schema_.root().properties.end()) {
        return fail(Code::invalid, name + ": expected no such parameter", escape(member));
    }
    switch (known->second->type) {
        case Type::integer: {
            std::int64_t number = 0;
            const auto [end, error] =
                std::from_chars(text.data(), text.data() + text.size(), number);
            if (error == std::errc() && end == text.data() + text.size()) {
                return json::value(number);
            }
            return fail(Code::invalid, name + ": expected an integer", escape(member));
        }
        case Type::boolean:
            if (text == "true" || text == "false") {
                return json::value(text == "true");
            }
            return fail(Code::invalid, name + ": expected true or false", escape(member));
        default: return json::value(json::string(text));
    }
}

}  // namespace belfry::ops
