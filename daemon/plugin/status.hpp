/// What is known of plugins and their instances, for people and for readiness.
#pragma once

#include <belfry/abi.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::plugin {

enum class Kind : std::uint16_t {
    storage = BF_KIND_STORAGE,
    broker = BF_KIND_BROKER,
    transport = BF_KIND_TRANSPORT,
    push = BF_KIND_PUSH,
    app = BF_KIND_APP,
};
/// "storage" ...; "unknown" for a number that is no kind.
std::string_view name_of(Kind kind);

/// What a plugin says of itself, checked.
struct About {
    std::string name = {}, version = {}, summary = {};
    Kind kind = Kind::app;
    std::uint16_t abi_major = 0;
    std::uint16_t abi_minor = 0;
};

enum class State : std::uint8_t {
    discovered,  ///< a file that passed the checks
    probed,      ///< loaded and described itself in a process of its own
    loaded,      ///< is in this process; an instance: was created
    started,
    stopped,
    failed,  ///< `reason` says why
};
std::string_view name_of(State state);

enum class Health : std::uint32_t {
    ok = BF_HEALTH_OK,
    degraded = BF_HEALTH_DEGRADED,
    down = BF_HEALTH_DOWN,
};
std::string_view name_of(Health health);

/// One row of `belfryd plugins`: a plugin file, or a configured instance of one.
struct PluginRow {
    std::string instance = {};  ///< empty: found, and no instance uses it
    About about = {};           ///< name only, until it was probed
    State state = State::discovered;
    std::string file = {};    ///< empty where none was found
    std::string reason = {};  ///< empty where all is well; a line for each fault of a configuration
};

struct InstanceStatus {
    std::string name = {}, plugin = {};
    Kind kind = Kind::app;
    bool required = true;
    State state = State::discovered;
    Health health = Health::ok;
    std::string reason = {};  ///< of state failed, else of the health
    /// Rules of the plugin ABI that the plugin broke, each once, at most 64.
    std::vector<std::string> violations = {};
};

}  // namespace belfry::plugin
