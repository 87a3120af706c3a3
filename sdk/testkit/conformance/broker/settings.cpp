#include "sdk/testkit/conformance/broker/settings.hpp"

#include "sdk/testkit/conformance/arguments.hpp"

#include <boost/json.hpp>

#include <cstdlib>
#include <functional>
#include <stdexcept>

namespace belfry::conformance::broker {
namespace {

namespace json = boost::json;

constexpr std::string_view kName = "${name}";

[[noreturn]] void refuse(const std::string& key, const std::string& expected) {
    throw std::invalid_argument(key + ": expected " + expected);
}

/// All but ${name} is taken from the environment.
std::string with_environment(std::string text) {
    for (auto at = text.find("${"); at != std::string::npos; at = text.find("${", at + 1)) {
        const auto end = text.find('}', at);
        if (end == std::string::npos || text.compare(at, kName.size(), kName) == 0) {
            continue;
        }
        const std::string variable = text.substr(at + 2, end - at - 2);
        // Nobody changes it meanwhile. NOLINTNEXTLINE(concurrency-mt-unsafe)
        const char* value = std::getenv(variable.c_str());
        if (value == nullptr) {
            refuse("${" + variable + "}", "a variable of the environment");
        }
        text.replace(at, end - at + 1, value);
    }
    return text;
}

/// Every text in `value`, keys of objects left out.
json::value with_texts(const json::value& value,
                       const std::function<std::string(std::string)>& change) {
    if (value.is_string()) {
        return json::value(change(std::string(std::string_view(value.get_string()))));
    }
    if (value.is_array()) {
        json::array array;
        array.reserve(value.get_array().size());
        for (const auto& one : value.get_array()) {
            array.push_back(with_texts(one, change));
        }
        return array;
    }
    if (value.is_object()) {
        json::object object;
        for (const auto& [key, one] : value.get_object()) {
            object[key] = with_texts(one, change);
        }
        return object;
    }
    return value;
}

json::object named(const json::object& object, const std::string& name) {
    return with_texts(object,
                      [&](std::string text) { return replace_all(std::move(text), kName, name); })
        .as_object();
}

void read(const json::value& from, const std::string& key, json::object& to) {
    if (!from.is_object()) {
        refuse(key, "an object");
    }
    to = from.get_object();
}

void read(const json::value& from, const std::string& key, std::vector<std::string>& to) {
    if (!from.is_array()) {
        refuse(key, "an array of texts");
    }
    for (const auto& one : from.get_array()) {
        if (!one.is_string()) {
            refuse(key, "an array of texts");
        }
        to.emplace_back(std::string_view(one.get_string()));
    }
}

std::uint64_t read_number(const json::value& from, const std::string& key) {
    json::error_code error;
    const auto number = from.to_number<std::uint64_t>(error);
    if (error) {
        refuse(key, "a number");
    }
    return number;
}

std::string text_at(const json::object& object, std::string_view key) {
    const json::value* value = object.if_contains(key);
    return value == nullptr || !value->is_string()
               ? ""
               : std::string(std::string_view(value->get_string()));
}

}  // namespace

const std::set<std::string, std::less<>>& Settings::abilities() {
    static const std::set<std::string, std::less<>> all{"attempts",
                                                        "bus",
                                                        "coordinates",
                                                        "dead_letter_count",
                                                        "header_bytes",
                                                        "header_controls",
                                                        "ids",
                                                        "keys",
                                                        "lag",
                                                        "oldest",
                                                        "order",
                                                        "single_acks",
                                                        "survives_restart",
                                                        "unroutable"};
    return all;
}

Settings::Settings(std::string_view text) {
    json::error_code error;
    const json::value parsed = json::parse(text, error);
    if (error || !parsed.is_object()) {
        refuse("the file", "a JSON object: " + error.message());
    }
    const json::value root = with_texts(parsed, with_environment);
    json::object can;
    const std::map<std::string_view, std::function<void(const json::value&)>> readers{
        {"config", [&](const json::value& value) { read(value, "config", config_); }},
        {"source", [&](const json::value& value) { read(value, "source", source_); }},
        {"publish", [&](const json::value& value) { read(value, "publish", publish_); }},
        {"bad_sources",
         [&](const json::value& value) { read(value, "bad_sources", bad_sources_); }},
        {"can", [&](const json::value& value) { read(value, "can", can); }},
        {"prepare", [&](const json::value& value) { read(value, "prepare", prepare_); }},
        {"restart", [&](const json::value& value) { read(value, "restart", restart_); }},
        {"max_body", [&](const json::value& value) { max_body_ = read_number(value, "max_body"); }},
        {"patience", [&](const json::value& value) {
             patience_ = std::chrono::seconds(read_number(value, "patience"));
         }}};
    for (const auto& [key, value] : root.get_object()) {
        const auto reader = readers.find(key);
        if (reader == readers.end()) {
            refuse(std::string(key), "no such key");
        }
        reader->second(value);
    }
    for (const auto& [key, value] : can) {
        if (!abilities().contains(key) || !value.is_bool()) {
            refuse("can." + std::string(key), "an ability of --help, and true or false");
        }
        can_[std::string(key)] = value.get_bool();
    }
    if (source_.empty() || text_at(publish_, "destination").empty()) {
        refuse("source and publish.destination", "both");
    }
}

bool Settings::can(std::string_view ability) const {
    const auto found = can_.find(ability);
    return found == can_.end() || found->second;
}

std::string Settings::config(const std::string& name) const {
    return json::serialize(named(config_, name));
}

Place Settings::place(const std::string& name) const {
    const json::object publish = named(publish_, name);
    return {name, named(source_, name), text_at(publish, "destination"),
            text_at(publish, "exchange")};
}

std::vector<std::pair<std::string, json::object>> Settings::bad_sources(
    const std::string& name) const {
    std::vector<std::pair<std::string, json::object>> all;
    for (const auto& [key, value] : named(bad_sources_, name)) {
        read(value, "bad_sources." + std::string(key),
             all.emplace_back(std::string(key), json::object()).second);
    }
    return all;
}

std::vector<std::string> Settings::prepare(const std::string& name) const {
    std::vector<std::string> command;
    command.reserve(prepare_.size());
    for (const auto& part : prepare_) {
        command.push_back(replace_all(part, kName, name));
    }
    return command;
}

}  // namespace belfry::conformance::broker
