#include "belfry/testkit/plugin.hpp"

#include "host_impl.hpp"

#include <dlfcn.h>

#include <thread>

namespace belfry::testkit {
namespace {

std::string quoted(bf_str text) { return "\"" + std::string(sdk::view(text)) + "\""; }

std::uint64_t least_table_size(std::uint16_t kind) {
    switch (kind) {
        case BF_KIND_STORAGE: return sizeof(bf_storage);
        case BF_KIND_BROKER: return sizeof(bf_broker);
        case BF_KIND_TRANSPORT: return sizeof(bf_transport);
        case BF_KIND_PUSH: return sizeof(bf_push);
        case BF_KIND_APP: return sizeof(bf_app);
        default: return 0;
    }
}

bool is_name(std::string_view name) {
    return !name.empty() && name.front() >= 'a' && name.front() <= 'z' &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == name.npos;
}

void check_descriptor(const bf_plugin* plugin, const std::string& reason) {
    if (plugin == nullptr) {
        throw Failed("the entry function returned no descriptor: " + reason);
    }
    if (plugin->size < sizeof(bf_plugin) || plugin->abi_major != BF_ABI_MAJOR ||
        plugin->abi_minor_min > BF_ABI_MINOR) {
        throw Failed("the descriptor is of ABI " + std::to_string(plugin->abi_major) + "." +
                     std::to_string(plugin->abi_minor_min) + " or newer and " +
                     std::to_string(plugin->size) + " bytes long; expected ABI " +
                     std::to_string(BF_ABI_MAJOR) + "." + std::to_string(BF_ABI_MINOR));
    }
    if (!is_name(sdk::view(plugin->name))) {
        throw Failed("the plugin's name " + quoted(plugin->name) + " is not [a-z][a-z0-9-]*");
    }
    const auto table_size = least_table_size(plugin->kind);
    if (table_size == 0) {
        throw Failed("plugin " + quoted(plugin->name) + " is of unknown kind " +
                     std::to_string(plugin->kind));
    }
    if (plugin->table == nullptr || plugin->lifecycle == nullptr ||
        plugin->lifecycle->size < sizeof(bf_lifecycle) ||
        *static_cast<const std::uint32_t*>(plugin->table) < table_size) {
        throw Failed("plugin " + quoted(plugin->name) + " has an incomplete table");
    }
}

void require_ok(const Outcome<>& outcome, const std::string& what) {
    if (!outcome.ok()) {
        throw Failed(what + " failed with status " +
                     std::to_string(static_cast<std::uint32_t>(outcome.status)) + ": " +
                     outcome.message);
    }
}

}  // namespace

Plugin Plugin::load(Host& host, const std::string& path) {
    void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
        const char* reason = dlerror();
        throw Failed(path + " does not load: " + (reason == nullptr ? "no reason given" : reason));
    }
    void* symbol = dlsym(library, BF_ENTRY_SYMBOL);
    if (symbol == nullptr) {
        throw Failed(path + " does not export " BF_ENTRY_SYMBOL);
    }
    return from(host, reinterpret_cast<bf_entry_fn>(symbol));
}

Plugin Plugin::from(Host& host, bf_entry_fn entry) {
    const bf_plugin* plugin = entry(host.table());
    check_descriptor(plugin, host.take_failure());
    return {host, plugin};
}

std::optional<std::string> Plugin::check(std::string_view config) const {
    if (plugin_->lifecycle->check(sdk::str(config)) == 1) {
        return std::nullopt;
    }
    return host_->take_failure();
}

Instance Plugin::create(std::string name, const std::string& config) const {
    return {*host_, plugin_, std::move(name), config};
}

Instance::Instance(Host& host, const bf_plugin* plugin, std::string name, const std::string& config)
    : plugin_(plugin), seat_(host.impl().seat(std::move(name))) {
    handle_ = plugin_->lifecycle->create(seat_->env(), sdk::str(seat_->name()), sdk::str(config));
    if (handle_ == nullptr) {
        throw Failed("instance " + seat_->name() + " was not created: " + host.take_failure());
    }
}

Instance::Instance(Instance&& other) noexcept
    : plugin_(other.plugin_), seat_(std::move(other.seat_)),
      handle_(std::exchange(other.handle_, nullptr)), stopped_(other.stopped_) {}

Instance::~Instance() {
    if (handle_ == nullptr) {
        return;
    }
    if (!stopped_) {
        try {
            (void)try_stop();
        } catch (const Failed& failed) {
            seat_->violate(failed.what());
        }
    }
    seat_->executor().end();
    plugin_->lifecycle->destroy(handle_);
}

void Instance::start() { require_ok(try_start(), seat_->name() + ".start"); }

Outcome<> Instance::try_start(std::chrono::milliseconds limit) {
    return await(
        *this, "start", [&](bf_done done) { plugin_->lifecycle->start(handle_, done); }, limit);
}

void Instance::drain(std::chrono::milliseconds limit) {
    require_ok(begin_drain(limit).wait(limit + kPatience), seat_->name() + ".drain");
}

Pending<> Instance::begin_drain(std::chrono::milliseconds limit) {
    const auto deadline =
        host().now() + std::chrono::duration_cast<std::chrono::nanoseconds>(limit).count();
    auto drained = pending("drain");
    plugin_->lifecycle->drain(handle_, deadline, drained.done());
    return drained;
}

void Instance::stop() { require_ok(try_stop(), seat_->name() + ".stop"); }

Outcome<> Instance::try_stop(std::chrono::milliseconds limit) {
    const auto outcome =
        await(*this, "stop", [&](bf_done done) { plugin_->lifecycle->stop(handle_, done); }, limit);
    stopped_ = true;
    *seat_->stopped() = true;
    for (const auto& call : seat_->ledger().open()) {
        host().violation_list().add(call + " was not completed before stop was");
    }
    return outcome;
}

std::uint32_t Instance::apply(std::string_view config) {
    return plugin_->lifecycle->apply(handle_, sdk::str(config));
}

void eventually(std::string_view what, const std::function<bool()>& condition,
                std::chrono::milliseconds limit) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) {
            throw Failed("not in time: " + std::string(what));
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

}  // namespace belfry::testkit
