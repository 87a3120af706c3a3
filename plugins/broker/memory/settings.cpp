#include "plugins/broker/memory/settings.hpp"

#include "plugins/broker/memory/pattern.hpp"

#include <belfry/types.hpp>

#include <boost/json.hpp>

namespace belfry::memory {

namespace json = boost::json;

Settings parse_settings(std::string_view config) {
    const json::value document = json::parse(config);
    const json::object& root = document.as_object();
    return {std::string(std::string_view(root.at("group").as_string())),
            {root.at("max_messages").to_number<std::uint64_t>(),
             root.at("max_bytes").to_number<std::uint64_t>()}};
}

std::string parse_source(std::string_view config) {
    json::error_code error;
    const json::value document = json::parse(config, error);
    const json::object* root = error ? nullptr : document.if_object();
    const json::value* destination = root == nullptr ? nullptr : root->if_contains("destination");
    if (destination == nullptr || !destination->is_string() || root->size() != 1) {
        throw sdk::Failure(sdk::Status::invalid,
                           R"(a source's configuration is {"destination": "name or prefix.>"})");
    }
    std::string pattern(std::string_view(destination->as_string()));
    if (!is_pattern(pattern)) {
        throw sdk::Failure(sdk::Status::invalid,
                           "destination: expected a name or prefix.>, found \"" + pattern + "\"");
    }
    return pattern;
}

}  // namespace belfry::memory
