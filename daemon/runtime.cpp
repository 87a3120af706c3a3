#include "daemon/runtime.hpp"

#include "daemon/base/log.hpp"
#include "daemon/base/wait.hpp"
#include "daemon/check.hpp"
#include "daemon/mailbox/half_copied.hpp"
#include "daemon/net/core_thread.hpp"
#include "daemon/ops/core_operations.hpp"
#include "daemon/ops/presence_operations.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <utility>

namespace belfry {
namespace {

/// Each instance has a limit of its own within this.
constexpr Nanos kStartTime = 10 * 60 * kSecond;

std::size_t shard_count(unsigned configured) {
    return configured != 0 ? configured : std::max(1U, std::thread::hardware_concurrency());
}

live::SessionSettings session_settings(const config::SessionLimits& limits) {
    live::SessionSettings settings;
    settings.auth_time = limits.auth_time;
    settings.ping = limits.ping;
    settings.pong = limits.pong;
    settings.stuck = limits.stuck;
    settings.message_bytes = limits.message;
    settings.queue_bytes = limits.queue_bytes;
    settings.queue_pieces = limits.queue_messages;
    return settings;
}

/// Paths mean the same wherever the process goes.
config::Profile with_absolute_paths(config::Profile profile) {
    const auto make_absolute = [](std::string& path) {
        path = std::filesystem::absolute(path).string();
    };
    make_absolute(profile.state);
    make_absolute(profile.control_socket);
    std::ranges::for_each(profile.plugins.directories, make_absolute);
    return profile;
}

/// The state directory is made and becomes the working directory: a file that a plugin names
/// without a folder is made there.
Result<> enter_state(const std::string& state) {
    std::error_code error;
    std::filesystem::create_directories(state, error);
    if (!error) {
        std::filesystem::current_path(state, error);
    }
    if (error) {
        return fail(Code::unavailable, "state directory " + state + ": " + error.message());
    }
    return {};
}

}  // namespace

Runtime::Runtime(config::Profile profile, const config::Environment& environment)
    : profile_(with_absolute_paths(std::move(profile))), environment_(environment) {}

Runtime::~Runtime() {
    if (!is_stopped_) {
        stop([] { return true; });
    }
}

Result<> Runtime::start_plugins() {
    core_ = std::make_unique<net::CoreThread>();
    plugin::HostSettings settings;
    settings.directories = profile_.plugins.directories;
    settings.probe_time = profile_.plugins.probe_time;
    plugins_ = std::make_unique<plugin::PluginHost>(
        std::move(settings),
        plugin::HostParts{system_clock(), system_random(), metrics_, core_->loop(), environment_});
    if (auto loaded = plugins_->load(profile_); !loaded) {
        return loaded;
    }
    auto configs = source_configs(profile_, *plugins_, environment_);
    if (!configs) {
        return std::unexpected(std::move(configs.error()));
    }
    source_configs_ = *std::move(configs);
    return wait_for(
        [this](auto done) { plugins_->start({plugin::Kind::storage}, std::move(done)); },
        kStartTime);
}

Result<> Runtime::check_storage() {
    return wait_for(
        [this](auto done) {
            refuse_half_copied(*plugins_->storage(), core_->loop(), std::move(done));
        },
        kStartTime);
}

void Runtime::make_ingest() {
    const config::IngestSettings& ingest = profile_.engine.ingest;
    ingest_ = std::make_unique<Ingest>(
        core_->loop(), *plugins_->storage(), system_clock(),
        IngestSettings{ingest.queue, ingest.queue_bytes, ingest.batch, ingest.wait}, metrics_,
        [this](const CommittedBatch& batch) {
            engine_->publish(batch);
            if (bus_ != nullptr) {
                bus_->send(*batch);
            }
        });
}

live::Attendance Runtime::make_presence() {
    const config::PresenceSettings& settings = profile_.presence;
    if (!settings.is_enabled) {
        return {};
    }
    presence_ = std::make_unique<live::Presence>(
        live::PresenceStore::Parts{core_->loop(), *ingest_, *plugins_->storage(), *mailbox_,
                                   system_clock()},
        system_random(), metrics_,
        live::PresenceSettings{profile_.node, settings.offline_after, settings.stream,
                               settings.lease});
    return [this](const std::string& user, bool is_there) { presence_->note(user, is_there); };
}

Result<> Runtime::make_parts() {
    auto secret = obtain_token_secret(profile_.identity.tokens, profile_.state, system_random());
    if (!secret) {
        return std::unexpected(secret.error());
    }
    Storage& storage = *plugins_->storage();
    make_ingest();
    mailbox_ = std::make_unique<Mailbox>(*ingest_, storage, system_clock(), system_random(),
                                         MailboxLimits{});
    const config::RetentionSettings& retention = profile_.retention;
    retention_ = std::make_unique<Retention>(
        core_->loop(), *ingest_, system_clock(),
        RetentionSettings{retention.age, retention.entries, retention.interval}, metrics_);
    auto identity = Identity::make(profile_.identity, std::move(*secret),
                                   {core_->loop(), *ingest_, storage, system_clock()});
    if (!identity) {
        return std::unexpected(identity.error());
    }
    identity_ = std::move(*identity);
    engine_ = std::make_unique<Engine>(
        shard_count(profile_.engine.shards),
        EngineParts{system_clock(), system_random(), metrics_, *mailbox_,
                    [this](std::string_view bearer) { return identity_->authenticate(bearer); },
                    make_presence()},
        session_settings(profile_.limits.session));
    operations_ = std::make_unique<ops::Operations>(metrics_);
    if (auto added = ops::add_core_operations(
            *operations_, {*identity_,
                           *mailbox_,
                           {storage, system_clock(), profile_.state + "/backups"},
                           sources_});
        !added) {
        return added;
    }
    if (presence_ != nullptr) {
        if (auto added = ops::add_presence_operations(*operations_, storage); !added) {
            return added;
        }
    }
    app_door_ = std::make_unique<ops::AppDoor>(*operations_, *ingest_, core_->loop());
    services_ = std::make_unique<PluginServices>(*mailbox_, *app_door_);
    plugins_->serve(*services_);
    return wait_for([this](auto done) { plugins_->start_all(std::move(done)); }, kStartTime);
}

Result<> Runtime::open_doors() {
    engine_->use(plugins_->transports(), {&belfry_v1_});
    health_ = std::make_shared<ops::Health>(ops::HealthParts{
        core_->loop(), *ingest_, *plugins_->storage(), system_clock(), metrics_, engine_->loops(),
        [this] { return plugins_->status(); }, [this] { return check_sources(); },
        [this] { return bus_ == nullptr ? std::string() : bus_->trouble(); }});
    doors_ = std::make_unique<Doors>(DoorParts{*engine_, *operations_, *identity_, health_,
                                               plugins_->apps(), metrics_, system_clock()});
    return doors_->open(profile_);
}

std::string Runtime::broker_trouble(const std::string& broker) const {
    for (const plugin::InstanceStatus& instance : plugins_->status()) {
        const bool is_well =
            instance.state == plugin::State::started && instance.health == plugin::Health::ok;
        if (instance.kind == plugin::Kind::broker && instance.name == broker && !is_well) {
            return "broker " + broker + ": " +
                   (instance.reason.empty() ? std::string(name_of(instance.health))
                                            : instance.reason);
        }
    }
    return {};
}

Result<> Runtime::start_bus() {
    if (!profile_.bus) {
        return {};
    }
    const config::BusSettings& settings = *profile_.bus;
    Broker* broker = plugins_->broker(settings.broker);
    if (broker == nullptr) {
        return fail(Code::unavailable, "bus: broker " + settings.broker + " is not there");
    }
    auto bus = std::make_unique<live::Bus>(
        live::Bus::Parts{core_->loop(), *broker, engine_->hub(), system_clock(), system_random(),
                         metrics_, [this] { return broker_trouble(profile_.bus->broker); }},
        live::BusSettings{profile_.node, settings.partitions, settings.inline_bytes});
    return wait_for(
        [this, &bus](auto done) {
            core_->loop().post([this, &bus, done = std::move(done)]() mutable {
                bus_ = std::move(bus);
                bus_->start();
                done({});
            });
        },
        kStartTime);
}

Result<> Runtime::start() {
    if (auto entered = enter_state(profile_.state); !entered) {
        return entered;
    }
    for (const auto step : {&Runtime::start_plugins, &Runtime::check_storage, &Runtime::make_parts,
                            &Runtime::open_doors}) {
        if (auto done = (this->*step)(); !done) {
            return done;
        }
    }
    engine_->start();
    if (auto started = start_bus(); !started) {
        return started;
    }
    if (presence_ != nullptr) {
        presence_->start();
    }
    if (auto started = start_sources(); !started) {
        return started;
    }
    health_->start();
    health_->set_started();
    doors_->start();
    core_->loop().post([this] { retention_->start(); });
    watchdog_ = std::make_shared<ops::Watchdog>(core_->loop(),
                                                [health = health_] { return health->is_sound(); });
    watchdog_->start();
    ops::notify_ready("serving on " + doors_->public_address());
    log::info("ready", {{"public", doors_->public_address()}, {"admin", doors_->admin_address()}});
    return {};
}

}  // namespace belfry
