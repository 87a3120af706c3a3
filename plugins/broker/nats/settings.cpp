#include "plugins/broker/nats/settings.hpp"

#include "plugins/broker/nats/fields.hpp"
#include "plugins/broker/nats/subject.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace belfry::nats {

namespace json = boost::json;

namespace {

constexpr std::int64_t kShortest = 1'000'000;  // of a duration

json::object parse_object(std::string_view config) {
    json::error_code error;
    json::value document = json::parse(json::string_view(config.data(), config.size()), error);
    if (error || !document.is_object()) {
        throw sdk::ConfigError("the configuration is not a JSON object");
    }
    return std::move(document.as_object());
}

void refuse(const std::string& what) { throw sdk::ConfigError(what); }

/// What is wrong in it may be secret: it is not repeated.
void check_server(std::string_view server) {
    const auto scheme = server.find("://");
    const auto host = scheme == std::string_view::npos ? "" : server.substr(scheme + 3);
    if (!server.starts_with("nats://") && !server.starts_with("tls://")) {
        refuse("servers: expected nats://host:port or tls://host:port");
    }
    if (host.contains('@')) {
        refuse("servers: a URL has a user or a token in it; give them as user, password or token");
    }
    const bool is_plain = std::ranges::all_of(
        host, [](unsigned char c) { return c > ' ' && c < 0x7F && c != '/' && c != ','; });
    if (host.empty() || host.front() == ':' || !is_plain) {
        refuse("servers: expected nats://host:port or tls://host:port");
    }
}

void check_authentication(const Settings& settings) {
    const std::array given{!settings.user.empty(), !settings.token.empty(), !settings.nkey.empty(),
                           !settings.credentials_file.empty()};
    if (std::ranges::count(given, true) > 1) {
        refuse("expected one of user, token, nkey and credentials_file, found several");
    }
    if (settings.user.empty() != settings.password.empty()) {
        refuse("user and password: expected both or none");
    }
    if (settings.nkey.empty() != settings.nkey_seed_file.empty()) {
        refuse("nkey and nkey_seed_file: expected both or none");
    }
    if (settings.tls && settings.tls->certificate_file.empty() != settings.tls->key_file.empty()) {
        refuse("tls.certificate_file and tls.key_file: expected both or none");
    }
}

void check_texts(const Settings& settings) {
    for (const auto* text : {&settings.name, &settings.user, &settings.password, &settings.token,
                             &settings.nkey_seed_file, &settings.credentials_file}) {
        if (text->contains('\0')) {
            refuse("name, user, password, token and files: one has a NUL in it");
        }
    }
    std::ranges::for_each(settings.servers, check_server);
    if (settings.servers.empty()) {
        refuse("servers: expected at least one");
    }
    if (!is_subject(settings.prefix)) {
        refuse("prefix: expected tokens of a subject, found \"" + settings.prefix + "\"");
    }
    for (const auto& subject : settings.core_subjects) {
        if (!is_pattern(subject)) {
            refuse("core_subjects: expected a subject, found \"" + subject + "\"");
        }
    }
}

std::optional<Tls> parse_tls(const Settings& settings, const json::object* object) {
    const bool is_secure =
        std::ranges::any_of(settings.servers, [](const auto& url) { return url[0] == 't'; });
    if (object == nullptr) {
        return is_secure ? std::optional<Tls>(Tls{}) : std::nullopt;
    }
    const Fields fields(*object);
    return Tls{fields.text("ca_file"), fields.text("certificate_file"), fields.text("key_file"),
               fields.text("server_name"), fields.boolean("verify", true)};
}

RetrySchedule parse_retry(const json::object* object) {
    RetrySchedule retry;
    if (object != nullptr) {
        const Fields fields(*object);
        fields.require_known({"limit", "first", "factor", "longest"});
        retry.limit = static_cast<std::uint64_t>(
            fields.integer("limit", static_cast<std::int64_t>(retry.limit), 1));
        retry.first = fields.integer("first", retry.first, kShortest);
        retry.factor = fields.number("factor", retry.factor, 1);
        retry.longest = fields.integer("longest", retry.longest, kShortest);
    }
    return retry;
}

void check_place(const SourceSettings& source) {
    if (source.stream.empty()) {
        if (source.subjects.empty() || !source.durable.empty()) {
            refuse("expected stream and durable, or subjects without both");
        }
        return;
    }
    if (!is_name(source.stream) || !is_name(source.durable)) {
        refuse("stream and durable: expected names without spaces, dots and wildcards");
    }
    if (source.declare && source.subjects.empty()) {
        refuse("subjects: expected at least one, for the stream that is declared");
    }
}

void check_subjects(const SourceSettings& source) {
    for (const auto& subject : source.subjects) {
        if (!is_pattern(subject)) {
            refuse("subjects: expected a subject, found \"" + subject + "\"");
        }
        if (matches(subject, source.dead_letters)) {
            refuse("dead_letters: " + source.dead_letters + " is a subject of the source itself");
        }
    }
    if (!source.queue.empty() && !is_subject(source.queue)) {
        refuse("queue: expected a name without spaces and wildcards");
    }
    if (!source.dead_letters.empty() && !is_subject(source.dead_letters)) {
        refuse("dead_letters: expected a subject, found \"" + source.dead_letters + "\"");
    }
}

}  // namespace

std::string Settings::place() const {
    std::string place = "nats";
    for (const auto& server : servers) {
        place += ' ';
        place += server.substr(server.find("://") + 3);
    }
    return place;
}

bool Settings::is_core(std::string_view subject) const {
    return std::ranges::any_of(core_subjects,
                               [&](const auto& pattern) { return matches(pattern, subject); });
}

std::int64_t RetrySchedule::delay_after(std::uint64_t attempt) const {
    const double delay = static_cast<double>(first) *
                         std::pow(factor, static_cast<double>(attempt > 0 ? attempt - 1 : 0));
    return delay < static_cast<double>(longest) ? static_cast<std::int64_t>(delay) : longest;
}

std::string SourceSettings::place() const {
    return stream.empty() ? "subject " + subjects.front()
                          : "stream " + stream + ", consumer " + durable;
}

Settings parse_settings(std::string_view config) {
    const json::object root = parse_object(config);
    const Fields fields(root);
    Settings settings;
    settings.servers = fields.texts("servers", settings.servers);
    settings.name = fields.text("name", settings.name);
    settings.user = fields.text("user");
    settings.password = fields.text("password");
    settings.token = fields.text("token");
    settings.nkey = fields.text("nkey");
    settings.nkey_seed_file = fields.text("nkey_seed_file");
    settings.credentials_file = fields.text("credentials_file");
    settings.prefix = fields.text("prefix", settings.prefix);
    settings.core_subjects = fields.texts("core_subjects", {});
    settings.connect_timeout =
        fields.integer("connect_timeout", settings.connect_timeout, kShortest);
    settings.request_timeout =
        fields.integer("request_timeout", settings.request_timeout, kShortest);
    check_texts(settings);
    settings.tls = parse_tls(settings, fields.object("tls"));
    check_authentication(settings);
    return settings;
}

SourceSettings parse_source(std::string_view config, const std::string& prefix) try {
    const json::object root = parse_object(config);
    const Fields fields(root);
    fields.require_known({"stream", "durable", "subjects", "queue", "topology", "retention",
                          "storage", "replicas", "deliver", "ack_wait", "retry", "dead_letters"});
    SourceSettings source;
    source.stream = fields.text("stream");
    source.durable = fields.text("durable");
    source.subjects = fields.texts("subjects", {});
    source.queue = fields.text("queue", source.queue);
    source.declare = fields.choice("topology", {"verify", "declare"}) == "declare";
    source.retention = fields.choice("retention", {"limits", "interest", "workqueue"});
    source.storage = fields.choice("storage", {"file", "memory"});
    source.replicas = fields.integer("replicas", source.replicas, 1);
    source.deliver = fields.choice("deliver", {"all", "new", "last"});
    source.ack_wait = fields.integer("ack_wait", source.ack_wait, kShortest);
    source.retry = parse_retry(fields.object("retry"));
    const bool has_durable = !source.stream.empty();
    source.dead_letters =
        fields.text("dead_letters", has_durable ? prefix + ".dlq." + source.durable : "");
    check_place(source);
    check_subjects(source);
    return source;
} catch (const sdk::ConfigError& error) {
    throw sdk::Failure(sdk::Status::invalid, error.what());
}

}  // namespace belfry::nats
