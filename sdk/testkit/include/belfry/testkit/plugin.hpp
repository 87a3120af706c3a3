/// Plugins and their instances, as the daemon handles them.
#pragma once

#include "belfry/testkit/memory_host.hpp"
#include "belfry/testkit/pending.hpp"
#include "belfry/testkit/seat.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace belfry::testkit {

/// One instance. Life cycle calls wait for their completion. The destructor stops it if that was
/// not done. Movable; the Host must outlive it.
class Instance {
public:
    Instance(Host& host, const bf_plugin* plugin, std::string name, const std::string& config);
    ~Instance();
    Instance(const Instance&) = delete;
    Instance& operator=(const Instance&) = delete;
    Instance(Instance&& other) noexcept;
    Instance& operator=(Instance&&) = delete;

    /// What the plugin's functions take as their first argument.
    [[nodiscard]] void* handle() const { return handle_; }
    [[nodiscard]] const std::string& name() const { return seat_->name(); }
    [[nodiscard]] Host& host() const { return seat_->host(); }
    [[nodiscard]] Seat& seat() const { return *seat_; }
    /// The table of the plugin's kind, for example table<bf_storage>().
    template <class Table>
    [[nodiscard]] const Table& table() const {
        return *static_cast<const Table*>(plugin_->table);
    }

    /// Throw Failed unless completed with BF_OK; the try_ forms say how it went.
    void start();
    void drain(std::chrono::milliseconds limit = kPatience);
    void stop();
    /// Only calls drain; its completion is to come.
    Pending<> begin_drain(std::chrono::milliseconds limit = kPatience);
    Outcome<> try_start(std::chrono::milliseconds limit = kPatience);
    Outcome<> try_stop(std::chrono::milliseconds limit = kPatience);
    /// -> BF_APPLIED ..., with the reason in Host::take_failure().
    std::uint32_t apply(std::string_view config);

    /// A completion this instance owes; hand its done() to one call.
    template <class Value = sdk::Nothing>
    [[nodiscard]] Pending<Value> pending(const std::string& call) const {
        return Pending<Value>(host().violation_list(), seat_->ledger(), seat_->stopped(),
                              seat_->name() + "." + call);
    }

private:
    const bf_plugin* plugin_;
    std::shared_ptr<Seat> seat_;
    void* handle_ = nullptr;
    bool stopped_ = false;
};

/// Makes a call and waits for its completion; throws Failed when none comes in time.
///     auto heads = await<sdk::Heads>(instance, "heads", [&](bf_done done) { ... });
template <class Value = sdk::Nothing, class Call>
Outcome<Value> await(const Instance& instance, const std::string& name, Call call,
                     std::chrono::milliseconds limit = kPatience) {
    auto pending = instance.pending<Value>(name);
    call(pending.done());
    return pending.wait(limit);
}

/// Waits until `condition` holds; throws Failed naming `what` when it does not in time. For effects
/// that have no completion.
void eventually(std::string_view what, const std::function<bool()>& condition,
                std::chrono::milliseconds limit = kPatience);

/// A checked plugin. It is never unloaded.
class Plugin {
public:
    /// dlopen(RTLD_NOW | RTLD_LOCAL) and the checks of the daemon; throws Failed with the reason.
    static Plugin load(Host& host, const std::string& path);
    /// The same for an entry function linked into the test.
    static Plugin from(Host& host, bf_entry_fn entry);

    [[nodiscard]] const bf_plugin& descriptor() const { return *plugin_; }
    /// Is this configuration acceptable? Else why not.
    [[nodiscard]] std::optional<std::string> check(std::string_view config) const;
    /// `config` is passed as it is: complete it with the defaults of the schema. Throws Failed with
    /// the plugin's reason.
    [[nodiscard]] Instance create(std::string name, const std::string& config = "{}") const;

private:
    Plugin(Host& host, const bf_plugin* plugin) : host_(&host), plugin_(plugin) {}

    Host* host_;
    const bf_plugin* plugin_;
};

}  // namespace belfry::testkit
