#include "daemon/config/schema.hpp"

#include "daemon/config/rule.hpp"
#include "daemon/config/schema_keywords.hpp"
#include "daemon/config/validator.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace belfry::config {
namespace {

/// A schema must work everywhere, so its defaults are checked as if nothing were set.
Environment empty_environment() {
    return {[](const std::string&) { return std::optional<std::string>(); },
            [](const std::string&) -> Result<std::string> {
                return fail(Code::not_found, "a schema's default cannot name a file");
            },
            [] { return std::string("localhost"); }};
}

Result<> check_default(const Rule& rule, const std::string& pointer) {
    if (!rule.fallback) {
        return {};
    }
    const Environment environment = empty_environment();
    Validator validator(environment);
    validator.check(rule, *rule.fallback, {});
    const Validation found = validator.take();
    if (found.ok()) {
        return {};
    }
    const Problem& first = found.problems.front();
    const std::string where = first.path.empty() ? "" : " (at " + first.path + ")";
    return fail(Code::invalid, "expected a default that fits its schema: " + first.message + where,
                join_pointer(pointer, "default"));
}

Result<> check_required(const Rule& rule, const std::string& pointer) {
    const auto is_unknown = [&](const std::string& name) {
        return !rule.properties.contains(name) && rule.additional == nullptr;
    };
    const auto found = std::ranges::find_if(rule.required, is_unknown);
    if (found == rule.required.end()) {
        return {};
    }
    return fail(Code::invalid,
                "expected keys that are in properties, found " + quote(*found) + " in required",
                join_pointer(pointer, "required"));
}

Result<> apply_keywords(Rule& rule, const boost::json::object& schema, const std::string& pointer);
Result<std::unique_ptr<const Rule>> parse_rule(const boost::json::value& schema,
                                               const std::string& pointer) {
    auto rule = std::make_unique<Rule>();
    if (schema.is_bool() && schema.get_bool()) {
        return rule;
    }
    const auto* object = schema.if_object();
    if (object == nullptr) {
        return fail(Code::invalid, "expected a schema (an object, or true)", pointer);
    }
    if (auto applied = apply_keywords(*rule, *object, pointer); !applied) {
        return std::unexpected(applied.error());
    }
    if (auto checked = check_required(*rule, pointer); !checked) {
        return std::unexpected(checked.error());
    }
    if (auto checked = check_default(*rule, pointer); !checked) {
        return std::unexpected(checked.error());
    }
    return rule;
}

/// Those that others depend on come first.
Result<> apply_keywords(Rule& rule, const boost::json::object& schema, const std::string& pointer) {
    constexpr std::array<std::string_view, 2> kFirst{"type", "x-unit"};
    const auto apply = [&](std::string_view name, const boost::json::value& value) {
        return apply_keyword(rule, {name, value, join_pointer(pointer, name), parse_rule});
    };
    for (const std::string_view name : kFirst) {
        const auto* value = schema.if_contains(name);
        if (value == nullptr) {
            continue;
        }
        if (auto applied = apply(name, *value); !applied) {
            return applied;
        }
    }
    for (const auto& [name, value] : schema) {
        if (std::ranges::find(kFirst, std::string_view(name)) != kFirst.end()) {
            continue;
        }
        if (auto applied = apply(name, value); !applied) {
            return applied;
        }
    }
    return {};
}

}  // namespace

Result<Schema> Schema::parse(std::string_view json_text) {
    boost::json::error_code error;
    const boost::json::value json = boost::json::parse({json_text.data(), json_text.size()}, error);
    if (error) {
        return fail(Code::invalid, "expected a schema in JSON, found: " + error.message());
    }
    auto root = parse_rule(json, "");
    if (!root) {
        Error wrong = std::move(root.error());
        wrong.message = "schema at \"" + wrong.pointer + "\": " + wrong.message;
        return std::unexpected(std::move(wrong));
    }
    return Schema(std::shared_ptr<const Rule>(std::move(*root)));
}

Validation validate(const Schema& schema, const Node& node, const Context& context) {
    Validator validator(context.environment);
    validator.check_root(schema.root(), node, context.path);
    return validator.take();
}

}  // namespace belfry::config
