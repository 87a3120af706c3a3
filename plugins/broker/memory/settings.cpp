#include "plugins/broker/memory/settings.hpp"

#include "plugins/broker/memory/pattern.hpp"

#include <belfry/types.hpp>

#include <boost/json.hpp>

#include <algorithm>
#include <cmath>
#include <initializer_list>

namespace belfry::memory {

namespace json = boost::json;

Settings parse_settings(std::string_view config) {
    const json::value document = json::parse(config);
    const json::object& root = document.as_object();
    return {std::string(std::string_view(root.at("group").as_string())),
            {root.at("max_messages").to_number<std::uint64_t>(),
             root.at("max_bytes").to_number<std::uint64_t>()}};
}

std::int64_t delay_after(const Retries& retries, std::uint64_t attempt) {
    const double steps = attempt > 1 ? static_cast<double>(attempt - 1) : 0;
    const double delay = static_cast<double>(retries.first) * std::pow(retries.factor, steps);
    return delay < static_cast<double>(retries.longest) ? static_cast<std::int64_t>(delay)
                                                        : retries.longest;
}

namespace {

[[noreturn]] void refuse(const std::string& key, const std::string& expected) {
    throw sdk::Failure(sdk::Status::invalid, key + ": expected " + expected);
}

const json::object& object_at(const json::value& value, const std::string& key) {
    const json::object* object = value.if_object();
    if (object == nullptr) {
        refuse(key, "an object, found " + json::serialize(value));
    }
    return *object;
}

void allow_only(const json::object& object, const std::string& path,
                std::initializer_list<std::string_view> keys) {
    for (const auto& member : object) {
        if (std::find(keys.begin(), keys.end(), std::string_view(member.key())) == keys.end()) {
            refuse(path + std::string(member.key()), "no such key");
        }
    }
}

std::string text_at(const json::object& object, const std::string& key) {
    const json::value* value = object.if_contains(key);
    if (value == nullptr) {
        return {};
    }
    if (!value->is_string()) {
        refuse(key, "a text, found " + json::serialize(*value));
    }
    return std::string(std::string_view(value->as_string()));
}

/// A number of at least `least`, into `to`.
template <class Number>
void read_number(const json::object& retry, const std::string& key, Number least, Number& to) {
    const json::value* value = retry.if_contains(key);
    if (value == nullptr) {
        return;
    }
    json::error_code error;
    const auto number = value->to_number<Number>(error);
    if (error || number < least) {
        refuse("retry." + key, "a number of at least " + json::serialize(json::value(least)) +
                                   ", found " + json::serialize(*value));
    }
    to = number;
}

Retries parse_retries(const json::value& value) {
    const json::object& retry = object_at(value, "retry");
    allow_only(retry, "retry.", {"limit", "first", "factor", "longest"});
    Retries retries;
    read_number<std::uint64_t>(retry, "limit", 1, retries.limit);
    read_number<std::int64_t>(retry, "first", 0, retries.first);
    read_number<double>(retry, "factor", 1, retries.factor);
    read_number<std::int64_t>(retry, "longest", 0, retries.longest);
    return retries;
}

}  // namespace

SourceSettings parse_source(std::string_view name, std::string_view config) {
    json::error_code error;
    const json::value document = json::parse(config, error);
    if (error) {
        refuse("the source's configuration", "JSON");
    }
    const json::object& root = object_at(document, "the source's configuration");
    allow_only(root, "", {"destination", "dead_letters", "retry"});
    SourceSettings settings{text_at(root, "destination"), text_at(root, "dead_letters"), {}};
    if (!is_pattern(settings.pattern)) {
        refuse("destination", "a name or prefix.>, found \"" + settings.pattern + "\"");
    }
    if (settings.dead_letters.empty()) {
        settings.dead_letters = std::string(name) + ".dead";
    }
    if (!is_destination(settings.dead_letters) || settings.dead_letters == settings.pattern) {
        refuse("dead_letters",
               "the name of another destination, found \"" + settings.dead_letters + "\"");
    }
    if (const json::value* retry = root.if_contains("retry")) {
        settings.retries = parse_retries(*retry);
    }
    return settings;
}

}  // namespace belfry::memory
