#include "daemon/plugin/status.hpp"

namespace belfry::plugin {

std::string_view name_of(Kind kind) {
    switch (kind) {
        case Kind::storage: return "storage";
        case Kind::broker: return "broker";
        case Kind::transport: return "transport";
        case Kind::push: return "push";
        case Kind::app: return "app";
    }
    return "unknown";
}

std::string_view name_of(State state) {
    switch (state) {
        case State::discovered: return "discovered";
        case State::probed: return "probed";
        case State::loaded: return "loaded";
        case State::started: return "started";
        case State::stopped: return "stopped";
        case State::failed: return "failed";
    }
    return "unknown";
}

std::string_view name_of(Health health) {
    switch (health) {
        case Health::ok: return "ok";
        case Health::degraded: return "degraded";
        case Health::down: return "down";
    }
    return "unknown";
}

}  // namespace belfry::plugin
