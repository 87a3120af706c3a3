#include "plugins/broker/kafka/settings.hpp"

#include "plugins/broker/kafka/fields.hpp"

#include <algorithm>
#include <cmath>

namespace belfry::kafka {

namespace json = boost::json;

namespace {

constexpr std::size_t kLongestTopic = 249;

json::value parse_json(std::string_view text) {
    json::error_code error;
    json::value document = json::parse(text, error);
    if (error) {
        throw sdk::Failure(sdk::Status::invalid, "the configuration: expected JSON");
    }
    return document;
}

[[noreturn]] void refuse_name(const std::string& key, const std::string& expected,
                              const std::string& found) {
    throw sdk::Failure(sdk::Status::invalid,
                       key + ": expected " + expected + ", found \"" + found + "\"");
}

void expect_topic(const std::string& key, const std::string& name) {
    constexpr std::string_view kLetters =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    if (name.empty() || name.size() > kLongestTopic || name == "." || name == ".." ||
        name.find_first_not_of(kLetters) != std::string::npos) {
        refuse_name(key, "up to 249 of the characters A-Z a-z 0-9 . _ -", name);
    }
}

/// Settings of librdkafka are texts there.
std::string property_of(const std::string& name, const json::value& value) {
    if (value.is_string()) {
        return std::string(std::string_view(value.get_string()));
    }
    if (value.is_number() || value.is_bool()) {
        return json::serialize(value);
    }
    throw sdk::Failure(sdk::Status::invalid, "properties." + name +
                                                 ": expected a text, a number, true or false, "
                                                 "found " +
                                                 json::serialize(value));
}

std::string joined(const std::vector<std::string>& brokers) {
    std::string all;
    for (const auto& broker : brokers) {
        all.append(all.empty() ? "" : ",").append(broker);
    }
    return all;
}

Retries parse_retries(const json::value& value) {
    Fields fields(value, "retry");
    Retries retries;
    fields.number<std::uint64_t>("limit", 1, retries.limit);
    fields.number<std::int64_t>("first", 0, retries.first);
    fields.number<double>("factor", 1, retries.factor);
    fields.number<std::int64_t>("longest", 0, retries.longest);
    fields.expect_no_more();
    return retries;
}

void check_names(const SourceSettings& settings) {
    for (const auto& topic : settings.topics) {
        expect_topic("topics", topic);
        if (topic == settings.retry_topic()) {
            refuse_name("topics", "none that is the group's own", topic);
        }
    }
    expect_topic("group", settings.retry_topic());
    expect_topic("dead_letters", settings.dead_letters);
    const bool is_source =
        std::ranges::find(settings.topics, settings.dead_letters) != settings.topics.end();
    if (is_source || settings.dead_letters == settings.retry_topic()) {
        refuse_name("dead_letters", "a topic that is not consumed", settings.dead_letters);
    }
}

}  // namespace

Settings parse_settings(std::string_view config) try {
    const json::value document = parse_json(config);
    Fields fields(document, "");
    Settings settings;
    settings.brokers = joined(fields.texts("brokers"));
    settings.prefix = fields.text("prefix", settings.prefix);
    expect_topic("prefix", settings.bus_topic());
    settings.sasl_password = fields.text("sasl_password");
    settings.ssl_key_password = fields.text("ssl_key_password");
    if (const auto* properties = fields.take("properties")) {
        (void)Fields(*properties, "properties");
        for (const auto& [name, value] : properties->get_object()) {
            settings.properties.emplace_back(name, property_of(name, value));
        }
    }
    fields.expect_no_more();
    return settings;
} catch (const sdk::Failure& failure) {
    throw sdk::ConfigError(failure.what());
}

std::int64_t delay_after(const Retries& retries, std::uint64_t attempt) {
    const double steps = attempt > 1 ? static_cast<double>(attempt - 1) : 0;
    const double delay = static_cast<double>(retries.first) * std::pow(retries.factor, steps);
    return delay < static_cast<double>(retries.longest) ? static_cast<std::int64_t>(delay)
                                                        : retries.longest;
}

SourceSettings parse_source(std::string_view config) {
    const json::value document = parse_json(config);
    Fields fields(document, "");
    SourceSettings settings;
    settings.topics = fields.texts("topics");
    settings.group = fields.text("group");
    if (settings.group.empty()) {
        refuse_name("group", "the name of a consumer group", settings.group);
    }
    settings.declares = fields.choice("topology", "verify", "declare");
    fields.number<std::int32_t>("partitions", 1, settings.partitions);
    fields.number<std::int32_t>("replication", 0, settings.replication);
    fields.number<std::int64_t>("retention", 0, settings.retention);
    settings.starts_latest = fields.choice("start", "earliest", "latest");
    settings.dead_letters = fields.text("dead_letters");
    if (settings.dead_letters.empty()) {
        settings.dead_letters = settings.topics.front() + ".dlq";
    }
    if (const auto* retry = fields.take("retry")) {
        settings.retries = parse_retries(*retry);
    }
    fields.expect_no_more();
    check_names(settings);
    return settings;
}

}  // namespace belfry::kafka
