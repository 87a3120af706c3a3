#include "daemon/config/profile_reader.hpp"

#include <boost/json/value.hpp>

#include <utility>

namespace belfry::config {
namespace {

namespace json = boost::json;

std::string text(const json::object& from, std::string_view key) {
    const std::string_view value = from.at(key).as_string();
    return std::string(value);
}

template <class Number>
Number number(const json::object& from, std::string_view key) {
    return static_cast<Number>(from.at(key).as_int64());
}

Nanos time(const json::object& from, std::string_view key) { return number<Nanos>(from, key); }

std::size_t size(const json::object& from, std::string_view key) {
    return number<std::size_t>(from, key);
}

const json::object& part(const json::object& from, std::string_view key) {
    return from.at(key).as_object();
}

LogSettings read_log(const json::object& from) {
    const std::string level = text(from, "level");
    const std::string format = text(from, "format");
    LogSettings out;
    out.level = level == "debug"     ? log::Level::debug
                : level == "warning" ? log::Level::warning
                : level == "error"   ? log::Level::error
                                     : log::Level::info;
    out.format = format == "text"       ? log::Format::text
                 : format == "json"     ? log::Format::json
                 : format == "journald" ? log::Format::journald
                                        : log::Format::automatic;
    return out;
}

EngineSettings read_engine(const json::object& from) {
    const json::object& ingest = part(from, "ingest");
    return {number<unsigned>(from, "shards"),
            {size(ingest, "queue"), size(ingest, "queue_bytes"), size(ingest, "batch"),
             time(ingest, "wait")}};
}

Address read_address(const json::object& from) {
    return parse_address(text(from, "address")).value_or(Address{});
}

Serves read_serves(const json::array& from) {
    Serves out;
    for (const auto& door : from) {
        out.api |= door == "api";
        out.deliveries |= door == "deliveries";
        out.apps |= door == "apps";
        out.admin |= door == "admin";
    }
    return out;
}

std::vector<ListenerSettings> read_listeners(const json::array& from, const Node& root) {
    const Node* list = root.find("listeners");
    std::vector<ListenerSettings> out;
    for (const auto& item : from) {
        const json::object& listener = item.as_object();
        const bool is_written = list != nullptr && out.size() < list->children.size();
        out.push_back({text(listener, "name"), read_address(listener),
                       read_serves(listener.at("serves").as_array()),
                       is_written ? list->children[out.size()].mark : root.mark});
    }
    return out;
}

Limits read_limits(const json::object& from) {
    const json::object& http = part(from, "http");
    const json::object& session = part(from, "session");
    return {
        {size(http, "request_line"), size(http, "headers"), size(http, "header_count"),
         size(http, "body"), time(http, "header_time"), time(http, "body_time"), time(http, "idle"),
         size(http, "pipeline")},
        {time(session, "auth_time"), time(session, "ping"), time(session, "pong"),
         size(session, "message"), size(session, "queue_bytes"), size(session, "queue_messages"),
         time(session, "stuck")},
        size(from, "connections"),
    };
}

IdentitySettings read_identity(const json::object& from) {
    const json::object& tokens = part(from, "tokens");
    const json::object& passwords = part(from, "passwords");
    return {
        {text(tokens, "issuer"), text(tokens, "audience"), text(tokens, "algorithm"),
         Secret(tokens.contains("secret") ? text(tokens, "secret") : std::string()),
         time(tokens, "lifetime")},
        {size(passwords, "memory"), number<unsigned>(passwords, "passes"),
         number<unsigned>(passwords, "threads"), size(passwords, "queue"),
         size(passwords, "min_length")},
        text(from, "registration") == "open",
    };
}

PluginSettings read_plugins(const json::object& from) {
    PluginSettings out;
    for (const auto& directory : from.at("directories").as_array()) {
        out.directories.emplace_back(std::string_view(directory.as_string()));
    }
    out.probe_time = time(from, "probe_time");
    return out;
}

/// The section of an instance; that of one which is a default is empty and stands nowhere.
Section take_section(Sections& sections, const std::string& path, const Node& root) {
    const auto found = sections.find(path);
    if (found == sections.end()) {
        return {Node::make_map(root.mark), root.mark};
    }
    return std::move(found->second);
}

InstanceConfig read_instance(std::string name, const std::string& path, const json::object& from,
                             Section section) {
    return {std::move(name),           text(from, "plugin"),      from.at("required").as_bool(),
            std::move(section.config), join_path(path, "config"), std::move(section.where)};
}

std::vector<InstanceConfig> read_instances(const json::object& from, const std::string& kind,
                                           const Node& root, Sections& sections) {
    std::vector<InstanceConfig> out;
    for (const auto& [key, value] : part(from, kind)) {
        std::string name{std::string_view(key)};
        const std::string path = join_path(kind, name);
        out.push_back(read_instance(std::move(name), path, value.as_object(),
                                    take_section(sections, path, root)));
    }
    return out;
}

EnvelopeSettings read_envelope(const json::object& from) {
    const std::string envelope = text(from, "envelope");
    const json::object& plain = part(from, "plain");
    EnvelopeSettings out;
    out.envelope = envelope == "plain"         ? Envelope::plain
                   : envelope == "cloudevents" ? Envelope::cloudevents
                                               : Envelope::automatic;
    out.max_bytes = size(from, "max_bytes");
    for (const auto& type : from.at("types").as_array()) {
        out.types.emplace_back(std::string_view(type.as_string()));
    }
    out.plain = {plain.contains("id") ? text(plain, "id") : std::string(), text(plain, "subject"),
                 text(plain, "subject_prefix"), text(plain, "type")};
    return out;
}

std::vector<SourceConfig> read_sources(const json::object& from, const Node& root,
                                       Sections& sections) {
    std::vector<SourceConfig> out;
    for (const auto& [key, value] : part(from, "sources")) {
        std::string name{std::string_view(key)};
        const std::string path = join_path("sources", name);
        const json::object& source = value.as_object();
        Section section = take_section(sections, path, root);
        out.push_back({std::move(name), text(source, "broker"), size(source, "max_in_flight"),
                       read_envelope(source), time(source, "stall"), std::move(section.config),
                       join_path(path, "config"), std::move(section.where)});
    }
    return out;
}

}  // namespace

Profile read_profile(const boost::json::object& json, const Node& root, Sections sections) {
    Profile out;
    out.node = json.contains("node") ? text(json, "node") : std::string();
    out.state = text(json, "state");
    out.log = read_log(part(json, "log"));
    out.engine = read_engine(part(json, "engine"));
    out.listeners = read_listeners(json.at("listeners").as_array(), root);
    out.admin = read_address(part(json, "admin"));
    out.control_socket = text(part(json, "control"), "socket");
    out.limits = read_limits(part(json, "limits"));
    out.identity = read_identity(part(json, "identity"));
    out.plugins = read_plugins(part(json, "plugins"));
    out.storage = read_instance("storage", "storage", part(json, "storage"),
                                take_section(sections, "storage", root));
    out.brokers = read_instances(json, "brokers", root, sections);
    out.deliveries = read_instances(json, "deliveries", root, sections);
    out.apps = read_instances(json, "apps", root, sections);
    out.sources = read_sources(json, root, sections);
    if (json.contains("bus")) {
        const boost::json::object& bus = part(json, "bus");
        out.bus = {text(bus, "broker"), number<std::uint32_t>(bus, "partitions"),
                   size(bus, "inline")};
    }
    const boost::json::object& presence = part(json, "presence");
    out.presence = {presence.at("enabled").as_bool(), time(presence, "offline_after"),
                    text(presence, "stream"), time(presence, "lease")};
    const boost::json::object& retention = part(json, "retention");
    out.retention = {time(retention, "age"), size(retention, "entries"),
                     time(retention, "interval")};
    const boost::json::object& shutdown = part(json, "shutdown");
    out.shutdown = {time(shutdown, "delay"), time(shutdown, "timeout")};
    return out;
}

}  // namespace belfry::config
