#include "plugins/broker/rabbitmq/settings.hpp"

#include "plugins/broker/rabbitmq/json_reader.hpp"

#include <belfry/types.hpp>

#include <amqp.h>

#include <cmath>
#include <limits>

namespace belfry::rabbitmq {

namespace json = boost::json;

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::size_t kLongestQueue = 150;  // of delays has a prefix and a number beside it
constexpr std::int64_t kDay = 86'400 * kSecond;

/// The part between // and the next /, where a user and a password may stand.
std::string_view authority_of(std::string_view url) {
    const auto begin = url.find("//");
    if (begin == std::string_view::npos) {
        return {};
    }
    const auto authority = url.substr(begin + 2);
    return authority.substr(0, authority.find('/'));
}

/// What is found is not repeated in messages: it may have a password in it.
void parse_url(std::string url, Settings& settings) {
    const std::string_view authority = authority_of(url);
    const auto at = authority.rfind('@');
    if (at != std::string_view::npos && authority.substr(0, at).contains(':')) {
        throw sdk::ConfigError("url: has a password in it; give it as \"password\"");
    }
    const bool has_user = at != std::string_view::npos;
    amqp_connection_info info{};
    amqp_default_connection_info(&info);
    if (url.contains('\0') || amqp_parse_url(url.data(), &info) != AMQP_STATUS_OK) {
        throw sdk::ConfigError(
            "url: expected amqp://host:port/vhost or amqps://, found what is"
            " neither");
    }
    settings.host = info.host;
    settings.port = info.port;
    // A slash at the end is no virtual host without a name.
    settings.vhost = *info.vhost == '\0' ? "/" : info.vhost;
    settings.tls.used = info.ssl != 0;
    if (has_user) {
        settings.user = info.user;
    }
}

void check_text(std::string_view key, const std::string& text) {
    if (text.contains('\0')) {
        throw sdk::ConfigError(std::string(key) + ": has a NUL in it");
    }
}

Tls parse_tls(const json::value& value) {
    const JsonReader reader(value, "tls.");
    reader.allow({"ca", "cert", "key", "verify"});
    Tls tls;
    reader.read("ca", tls.ca);
    reader.read("cert", tls.cert);
    reader.read("key", tls.key);
    reader.read("verify", tls.verify);
    if (tls.cert.empty() != tls.key.empty()) {
        throw sdk::ConfigError("tls: cert and key go together");
    }
    return tls;
}

void check(const Settings& settings) {
    check_text("user", settings.user);
    check_text("password", settings.password);
    check_text("connection_name", settings.connection_name);
    check_text("tls.ca", settings.tls.ca);
    check_text("tls.cert", settings.tls.cert);
    check_text("tls.key", settings.tls.key);
    const bool has_tls = !settings.tls.ca.empty() || !settings.tls.cert.empty();
    if (has_tls && !settings.tls.used) {
        throw sdk::ConfigError("tls: expected a url that begins with amqps://");
    }
}

Settings read_settings(const json::value& document) {
    const JsonReader reader(document, "");
    Settings settings;
    reader.read("user", settings.user);
    reader.read("password", settings.password);
    std::string url = "amqp://localhost";
    reader.read("url", url);
    if (const auto* tls = reader.find("tls")) {
        settings.tls = parse_tls(*tls);
    }
    parse_url(std::move(url), settings);
    std::int64_t heartbeat = 15 * kSecond;
    reader.read<std::int64_t>("heartbeat", kSecond, 600 * kSecond, heartbeat);
    settings.heartbeat = static_cast<int>(heartbeat / kSecond);
    reader.read("frame_max", 4'096, 16'777'216, settings.frame_max);
    reader.read("connection_name", settings.connection_name);
    reader.read("prefix", settings.prefix);
    reader.read("bus_exchange", settings.bus_exchange);
    if (settings.bus_exchange.empty()) {
        settings.bus_exchange = settings.prefix + ".bus";
    }
    check(settings);
    return settings;
}

Exchange parse_exchange(const json::value& value, const std::string& path) {
    const JsonReader reader(value, path);
    reader.allow({"name", "type", "durable"});
    Exchange exchange;
    reader.read("name", exchange.name);
    reader.read("type", exchange.type);
    reader.read("durable", exchange.durable);
    return exchange;
}

Binding parse_binding(const json::value& value, const std::string& path) {
    const JsonReader reader(value, path);
    reader.allow({"exchange", "routing_key", "arguments"});
    Binding binding;
    reader.read("exchange", binding.exchange);
    reader.read("routing_key", binding.routing_key);
    reader.read("arguments", binding.arguments);
    return binding;
}

Retries parse_retries(const json::value& value) {
    const JsonReader reader(value, "retry.");
    reader.allow({"limit", "first", "factor", "longest"});
    Retries retries;
    reader.read<std::uint64_t>("limit", 1, 1'000'000, retries.limit);
    reader.read<std::int64_t>("first", 0, kDay, retries.first);
    reader.read<double>("factor", 1, 100, retries.factor);
    reader.read<std::int64_t>("longest", 0, 10 * kDay, retries.longest);
    return retries;
}

/// One of two words; true for the first.
bool read_choice(const JsonReader& reader, std::string_view key, std::string_view first,
                 std::string_view second) {
    std::string word(first);
    reader.read(key, word);
    if (word != first && word != second) {
        throw sdk::Failure(sdk::Status::invalid, std::string(key) + ": expected " +
                                                     std::string(first) + " or " +
                                                     std::string(second) + ", found " + word);
    }
    return word == first;
}

void check(const SourceSettings& settings) {
    if (settings.queue.empty() || settings.queue.size() > kLongestQueue) {
        throw sdk::Failure(sdk::Status::invalid, "queue: expected the name of a queue of at most " +
                                                     std::to_string(kLongestQueue) +
                                                     " bytes, found \"" + settings.queue + "\"");
    }
    if (settings.dead_letters == settings.queue) {
        throw sdk::Failure(sdk::Status::invalid,
                           "dead_letters: expected another queue than the source's");
    }
}

}  // namespace

std::string Settings::place() const {
    return "RabbitMQ at " + host + ":" + std::to_string(port) + " vhost " + vhost;
}

Settings parse_settings(std::string_view config) {
    json::error_code error;
    const json::value document = json::parse(config, error);
    if (error) {
        throw sdk::ConfigError("the configuration is not JSON");
    }
    try {
        return read_settings(document);
    } catch (const sdk::Failure& failure) {
        throw sdk::ConfigError(failure.what());
    }
}

SourceSettings parse_source(std::string_view config) {
    json::error_code error;
    const json::value document = json::parse(config, error);
    if (error) {
        throw sdk::Failure(sdk::Status::invalid, "the source's configuration is not JSON");
    }
    const JsonReader reader(document, "");
    reader.allow({"queue", "topology", "queue_type", "durable", "arguments", "exchanges",
                  "bindings", "attempts_header", "dead_letters", "dead_letter_exchange", "retry"});
    SourceSettings settings;
    reader.read("queue", settings.queue);
    settings.declares = !read_choice(reader, "topology", "verify", "declare");
    settings.is_quorum = read_choice(reader, "queue_type", "quorum", "classic");
    reader.read("durable", settings.durable);
    reader.read("arguments", settings.arguments);
    reader.each("exchanges", [&](const json::value& item, const std::string& path) {
        settings.exchanges.push_back(parse_exchange(item, path));
    });
    reader.each("bindings", [&](const json::value& item, const std::string& path) {
        settings.bindings.push_back(parse_binding(item, path));
    });
    reader.read("attempts_header", settings.attempts_header);
    settings.dead_letters = "";
    reader.read("dead_letters", settings.dead_letters);
    reader.read("dead_letter_exchange", settings.dead_letter_exchange);
    if (settings.dead_letters.empty()) {
        settings.dead_letters = settings.queue + ".dlq";
    }
    if (const auto* retry = reader.find("retry")) {
        settings.retries = parse_retries(*retry);
    }
    check(settings);
    return settings;
}

std::int64_t delay_after(const Retries& retries, std::uint64_t attempt) {
    const double steps = attempt > 1 ? static_cast<double>(attempt - 1) : 0;
    const double delay = static_cast<double>(retries.first) * std::pow(retries.factor, steps);
    return delay < static_cast<double>(retries.longest) ? static_cast<std::int64_t>(delay)
                                                        : retries.longest;
}

}  // namespace belfry::rabbitmq
