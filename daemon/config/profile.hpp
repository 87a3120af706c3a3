/// The profile: one deployment's configuration, read once, typed, immutable from then on.
/// Keys, defaults, ranges and their meaning stand in profile.schema.json and, for people,
/// etc/belfry.yaml.
#pragma once

#include "daemon/base/log.hpp"
#include "daemon/base/time.hpp"
#include "daemon/config/document.hpp"
#include "daemon/config/environment.hpp"
#include "daemon/config/problem.hpp"
#include "daemon/config/secret.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::config {

struct LogSettings {
    log::Level level = log::Level::info;
    log::Format format = log::Format::automatic;
};

struct IngestSettings {
    std::size_t queue = 0;        ///< items waiting for their commit
    std::size_t queue_bytes = 0;  ///< their bytes
    std::size_t batch = 0;        ///< items of one commit
    Nanos wait = 0;               ///< the longest an item waits for others
};

struct EngineSettings {
    unsigned shards = 0;  ///< 0 = one per core
    IngestSettings ingest;
};

/// Where to listen: an IP address and port (0 = any free one), or the path of a unix socket.
struct Address {
    std::string host;  ///< IPv4 or IPv6, without brackets; empty for a unix socket
    std::uint16_t port = 0;
    std::string path;  ///< of the unix socket, absolute

    [[nodiscard]] bool is_unix() const { return !path.empty(); }
};

/// "127.0.0.1:8480", "[::1]:8480" or "unix:/path"; nothing where `text` is none of them.
std::optional<Address> parse_address(std::string_view text);
std::string to_string(const Address& address);

/// Which doors a listener opens.
struct Serves {
    bool api = false;
    bool deliveries = false;
    bool apps = false;
    bool admin = false;
};

struct ListenerSettings {
    std::string name;
    Address address;
    Serves serves;
    Mark where;
};

struct HttpLimits {
    std::size_t request_line = 0;  ///< bytes
    std::size_t headers = 0;       ///< bytes
    std::size_t header_count = 0;
    std::size_t body = 0;  ///< bytes
    Nanos header_time = 0;
    Nanos body_time = 0;
    Nanos idle = 0;
    std::size_t pipeline = 0;  ///< requests under way on one connection
};

struct SessionLimits {
    Nanos auth_time = 0;
    Nanos ping = 0;
    Nanos pong = 0;
    std::size_t message = 0;      ///< bytes from a client
    std::size_t queue_bytes = 0;  ///< waiting to be written to one client
    std::size_t queue_messages = 0;
    Nanos stuck = 0;  ///< a client that takes nothing for so long is cut
};

struct Limits {
    HttpLimits http;
    SessionLimits session;
    std::size_t connections = 0;  ///< 0 = derived from the limit of open files
};

struct TokenSettings {
    std::string issuer;
    std::string audience;
    std::string algorithm;  ///< "HS256"
    Secret secret;          ///< empty = generated into the state directory
    Nanos lifetime = 0;
};

struct PasswordSettings {
    std::size_t memory = 0;  ///< bytes, argon2id
    unsigned passes = 0;
    unsigned threads = 0;  ///< that hash; 0 = one per core
    std::size_t queue = 0;
    std::size_t min_length = 0;
};

struct IdentitySettings {
    TokenSettings tokens;
    PasswordSettings passwords;
    bool is_registration_open = false;
};

struct PluginSettings {
    std::vector<std::string> directories;
    Nanos probe_time = 0;
};

/// One instance of a plugin. `config` is not validated yet: its schema is in the plugin.
struct InstanceConfig {
    std::string name;  ///< its key in the profile; "storage" for the storage
    std::string plugin;
    bool required = true;
    Node config;       ///< a map, perhaps empty
    std::string path;  ///< of `config` in the profile, for Context::path
    Mark where;
};

/// How messages of a source are read.
enum class Envelope : std::uint8_t {
    automatic,    ///< as CloudEvents 1.0 where a message is one, else plain
    cloudevents,  ///< what is none is a dead letter
    plain,
};

/// Where the attributes of a plain message stand, as the profile writes it: "header:NAME",
/// "json:/POINTER" and so on.
struct PlainSettings {
    std::string id;  ///< empty = the message's own id, else its coordinates
    std::string subject, subject_prefix;
    std::string type;
};

/// What is made of a source's messages.
struct EnvelopeSettings {
    Envelope envelope = Envelope::automatic;
    std::size_t max_bytes = 1UL << 20U;  ///< of a body
    std::vector<std::string> types;      ///< that are taken; empty = all
    PlainSettings plain = {{}, "header:subject", {}, {}};
};

/// A durable consumption from a broker. `config` is the broker plugin's matter.
struct SourceConfig {
    std::string name;
    std::string broker;  ///< one of Profile::brokers
    std::size_t max_in_flight = 0;
    EnvelopeSettings envelope;
    Nanos stall = 0;  ///< without progress while messages wait
    Node config;
    std::string path;
    Mark where;
};

/// The fan-out between nodes.
struct BusSettings {
    std::string broker;  ///< one of Profile::brokers
    std::uint32_t partitions = 0;
    std::size_t inline_bytes = 0;  ///< of a stream's new entries; more are only told of
};

/// Who is connected.
struct PresenceSettings {
    bool is_enabled = false;
    Nanos offline_after = 0;
    std::string stream;
    Nanos lease = 0;  ///< of a node
};

/// What is forgotten; expired entries in any case.
struct RetentionSettings {
    Nanos age = 0;            ///< 0 = kept whatever their age
    std::size_t entries = 0;  ///< newest of each stream that are kept; 0 = all
    Nanos interval = 0;
};

struct ShutdownSettings {
    Nanos delay = 0;    ///< between being unready and the end of accepting
    Nanos timeout = 0;  ///< for draining
};

struct Profile {
    std::string file;  ///< as it was named
    std::string node;
    std::string state;  ///< directory
    LogSettings log;
    EngineSettings engine;
    std::vector<ListenerSettings> listeners;
    Address admin;
    std::string control_socket;
    Limits limits;
    IdentitySettings identity;
    PluginSettings plugins;
    InstanceConfig storage;
    std::vector<InstanceConfig> brokers;  ///< this and the following by name
    std::vector<InstanceConfig> deliveries;
    std::vector<InstanceConfig> apps;
    std::vector<SourceConfig> sources;
    std::optional<BusSettings> bus;
    PresenceSettings presence;
    RetentionSettings retention;
    ShutdownSettings shutdown;
};

struct LoadResult {
    std::optional<Profile> profile;  ///< there exactly when `problems` is empty
    std::vector<Problem> problems;
    std::vector<Problem> warnings;
};

/// `filename` is only shown. Everything wrong is reported at once, as far as it can be told.
LoadResult load_profile(std::string_view text, std::string_view filename,
                        const Environment& environment);

/// etc/belfry.yaml as it was when this was built.
std::string_view default_profile();
/// profile.schema.json as it was when this was built: the schema of the profile.
std::string_view profile_schema();

}  // namespace belfry::config
