/// The life cycle every plugin class inherits through its kind.
#pragma once

#include "belfry/host.hpp"
#include "belfry/types.hpp"

#include <memory>
#include <string_view>

namespace belfry::sdk {

enum class Applied : std::uint32_t {
    applied = BF_APPLIED,
    restart = BF_APPLY_RESTART,
};

/// Base of all kinds. Life: constructor (may throw ConfigError), start, calls, drain, stop,
/// destructor. The life cycle calls come one at a time.
class Instance {
public:
    explicit Instance(Env env) : env_(env) {}
    virtual ~Instance() = default;
    Instance(const Instance&) = delete;
    Instance& operator=(const Instance&) = delete;

    /// Connect, migrate, be ready.
    virtual void start(Done<> done) { done.ok(); }
    /// Take nothing new and finish what is there, until `deadline` (wall clock) at the latest.
    virtual void drain(std::int64_t /*deadline*/, Done<> done) { done.ok(); }
    /// End all threads and calls; nothing may be called back after the completion.
    virtual void stop(Done<> done) { done.ok(); }
    /// Take over a new, checked configuration, or ask for a new instance. May throw ConfigError.
    virtual Applied apply(std::string_view /*config*/) { return Applied::restart; }

    [[nodiscard]] const Env& env() const { return env_; }

private:
    Env env_;
};

namespace detail {

inline Instance& instance_of(void* handle) { return *static_cast<Instance*>(handle); }

/// The author's class behind a table's instance pointer.
template <class Kind>
Kind& kind_of(void* handle) {
    return static_cast<Kind&>(instance_of(handle));
}

/// A call without a completion: what it throws is logged, and the answer is the empty one.
template <class Body>
auto quietly(void* handle, std::string_view call, Body body) -> decltype(body()) {
    const Env& env = instance_of(handle).env();
    try {
        return body();
    } catch (const std::exception& error) {
        env.log(Level::error, "call failed", {{"call", call}, {"error", error.what()}});
    } catch (...) {
        env.log(Level::error, "call failed", {{"call", call}, {"error", "unknown exception"}});
    }
    return decltype(body())();
}

inline bf_lifecycle make_lifecycle(std::uint32_t (*check)(bf_str),
                                   void* (*create)(bf_env*, bf_str, bf_str)) {
    bf_lifecycle table{};
    table.size = sizeof table;
    table.check = check;
    table.create = create;
    table.start = [](void* handle, bf_done done) {
        guarded<Nothing>(done, [&](Done<>& own) { instance_of(handle).start(std::move(own)); });
    };
    table.drain = [](void* handle, std::int64_t deadline, bf_done done) {
        guarded<Nothing>(done,
                         [&](Done<>& own) { instance_of(handle).drain(deadline, std::move(own)); });
    };
    table.stop = [](void* handle, bf_done done) {
        guarded<Nothing>(done, [&](Done<>& own) { instance_of(handle).stop(std::move(own)); });
    };
    table.destroy = [](void* handle) { delete &instance_of(handle); };
    table.apply = [](void* handle, bf_str config) -> std::uint32_t {
        const bf_host* host = instance_of(handle).env().host();
        try {
            return static_cast<std::uint32_t>(instance_of(handle).apply(view(config)));
        } catch (const std::exception& error) {
            host->fail(host, str(error.what()));
        }
        return BF_APPLY_FAILED;
    };
    return table;
}

}  // namespace detail
}  // namespace belfry::sdk
