#include "daemon/runtime.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <utility>

#include "daemon/base/log.hpp"
#include "daemon/config/schema.hpp"
#include "daemon/ops/core_operations.hpp"

namespace belfry {
namespace {

/// Waits on the calling thread for an asynchronous step.
template <class Begin>
Result<> wait_for(Begin begin) {
    auto promise = std::make_shared<std::promise<Result<>>>();
    auto future = promise->get_future();
    begin([promise](Result<> result) { promise->set_value(std::move(result)); });
    return future.get();
}

std::size_t shard_count(unsigned configured) {
    return configured != 0 ? configured : std::max(1U, std::thread::hardware_concurrency());
}

live::SessionSettings session_settings(const config::SessionLimits& limits) {
    live::SessionSettings settings;
    settings.auth_time = limits.auth_time;
    settings.ping = limits.ping;
    settings.pong = limits.pong;
    settings.stuck = limits.stuck;
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

/// The state directory is made and becomes the working directory: a file that a plugin names without a
/// folder is made there.
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

/// Sources have no schema of their own: what a section may say is the broker plugin's matter.
Result<std::string> source_config(const config::SourceConfig& section,
                                  const config::Environment& environment) {
    static const auto kAnything =
        config::Schema::parse(R"({"type":"object","additionalProperties":true})");
    auto validation =
        config::validate(*kAnything, section.config, {environment, section.path});
    if (!validation.ok()) {
        return fail(Code::invalid, config::to_string(validation.problems.front()));
    }
    return config::to_json_text(validation.canonical);
}

}  // namespace

class Runtime::Core {
public:
    Core() : loop_(system_clock()), thread_([this] { loop_.run(); }) {}
    Core(const Core&) = delete;
    Core& operator=(const Core&) = delete;
    ~Core() { stop(); }

    net::Loop& loop() { return loop_; }
    void stop() {
        if (thread_.joinable()) {
            loop_.stop();
            thread_.join();
        }
    }

private:
    net::Loop loop_;
    std::thread thread_;
};

Runtime::Runtime(config::Profile profile, const config::Environment& environment)
    : profile_(with_absolute_paths(std::move(profile))), environment_(environment) {}

Runtime::~Runtime() {
    if (!is_stopped_) {
        stop([] { return true; });
    }
}

Result<> Runtime::start_plugins() {
    core_ = std::make_unique<Core>();
    plugin::HostSettings settings;
    settings.directories = profile_.plugins.directories;
    settings.probe_time = profile_.plugins.probe_time;
    plugins_ = std::make_unique<plugin::PluginHost>(
        std::move(settings), plugin::HostParts{system_clock(), system_random(), metrics_,
                                               core_->loop(), environment_});
    if (auto loaded = plugins_->load(profile_); !loaded) {
        return loaded;
    }
    return wait_for([this](auto done) {
        plugins_->start({plugin::Kind::storage}, std::move(done));
    });
}

Result<> Runtime::make_parts() {
    auto secret = obtain_token_secret(profile_.identity.tokens, profile_.state, system_random());
    if (!secret) {
        return std::unexpected(secret.error());
    }
    Storage& storage = *plugins_->storage();
    const config::IngestSettings& ingest = profile_.engine.ingest;
    ingest_ = std::make_unique<Ingest>(
        core_->loop(), storage, system_clock(),
        IngestSettings{ingest.queue, ingest.queue_bytes, ingest.batch, ingest.wait}, metrics_,
        [this](const CommittedBatch& batch) { engine_->publish(batch); });
    mailbox_ = std::make_unique<Mailbox>(*ingest_, storage, system_clock(), system_random(),
                                         MailboxLimits{});
    identity_ = std::make_unique<Identity>(
        profile_.identity, std::move(*secret),
        IdentityParts{core_->loop(), *ingest_, storage, system_clock()});
    engine_ = std::make_unique<Engine>(
        shard_count(profile_.engine.shards),
        EngineParts{system_clock(), system_random(), metrics_, *mailbox_,
                    [this](std::string_view bearer) { return identity_->authenticate(bearer); }},
        session_settings(profile_.limits.session));
    operations_ = std::make_unique<ops::Operations>(metrics_);
    if (auto added = ops::add_core_operations(*operations_, {*identity_, *mailbox_}); !added) {
        return added;
    }
    app_door_ = std::make_unique<ops::AppDoor>(*operations_, *ingest_, core_->loop());
    services_ = std::make_unique<PluginServices>(*mailbox_, *app_door_);
    plugins_->serve(*services_);
    return wait_for([this](auto done) { plugins_->start_all(std::move(done)); });
}

Result<> Runtime::open_doors() {
    engine_->use(plugins_->transports(), {&belfry_v1_});
    health_ = std::make_shared<ops::Health>(
        ops::HealthParts{core_->loop(), *ingest_, *plugins_->storage(), system_clock(), metrics_,
                         engine_->loops(), [this] { return plugins_->status(); }});
    doors_ = std::make_unique<Doors>(DoorParts{*engine_, *operations_, *identity_, health_,
                                               plugins_->apps(), metrics_, system_clock()});
    return doors_->open(profile_);
}

Result<> Runtime::start_sources() {
    for (const config::SourceConfig& section : profile_.sources) {
        Broker* broker = plugins_->broker(section.broker);
        if (broker == nullptr) {
            return fail(Code::unavailable,
                        "source " + section.name + ": broker " + section.broker + " is not there");
        }
        auto config = source_config(section, environment_);
        if (!config) {
            return std::unexpected(config.error());
        }
        auto& source = sources_.emplace_back(std::make_unique<Source>(
            *broker, *mailbox_, core_->loop(),
            SourceConfig{section.name, std::move(*config), section.max_in_flight},
            metrics_));
        auto started =
            wait_for([&started_source = *source](auto done) { started_source.start(std::move(done)); });
        if (!started) {
            return fail(started.error().code,
                        "source " + section.name + ": " + started.error().message);
        }
    }
    return {};
}

Result<> Runtime::start() {
    if (auto entered = enter_state(profile_.state); !entered) {
        return entered;
    }
    for (const auto step : {&Runtime::start_plugins, &Runtime::make_parts, &Runtime::open_doors}) {
        if (auto done = (this->*step)(); !done) {
            return done;
        }
    }
    engine_->start();
    if (auto started = start_sources(); !started) {
        return started;
    }
    health_->start();
    health_->set_started();
    doors_->start();
    watchdog_ = std::make_shared<ops::Watchdog>(core_->loop(),
                                                [health = health_] { return health->is_sound(); });
    watchdog_->start();
    ops::notify_ready("serving on " + doors_->public_address());
    log::info("ready", {{"public", doors_->public_address()}, {"admin", doors_->admin_address()}});
    return {};
}

// ---- the end --------------------------------------------------------------------------------------

void Runtime::drain_sessions(const std::function<bool()>& is_hurried) {
    constexpr auto kStep = std::chrono::milliseconds(20);
    // Slots are spread over the first half of the time; the second half is for those that are slow to go.
    const Nanos window = profile_.shutdown.timeout / 2;
    const Nanos until = system_clock().monotonic() + profile_.shutdown.timeout;
    const bool few = engine_->connections() < 100;
    engine_->drain(few ? std::min(window, kSecond) : window);
    while (engine_->connections() > 0 && system_clock().monotonic() < until && !is_hurried()) {
        std::this_thread::sleep_for(kStep);
    }
}

void Runtime::stop(const std::function<bool()>& is_hurried) {
    is_stopped_ = true;
    ops::notify_stopping("draining");
    if (health_ != nullptr) {
        health_->set_draining();
    }
    const Nanos serve_until = system_clock().monotonic() + profile_.shutdown.delay;
    while (doors_ != nullptr && system_clock().monotonic() < serve_until && !is_hurried()) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    if (watchdog_ != nullptr) {
        doors_->stop();
    }
    for (const auto& source : sources_) {
        (void)wait_for([&stopped = *source](auto done) { stopped.stop(std::move(done)); });
    }
    if (watchdog_ != nullptr) {
        drain_sessions(is_hurried);
    }
    if (ingest_ != nullptr) {
        (void)wait_for([this](auto done) {
            ingest_->close([done = std::move(done)]() mutable { done({}); });
        });
    }
    if (health_ != nullptr) {
        health_->stop();
    }
    if (engine_ != nullptr) {
        engine_->stop();
    }
    if (plugins_ != nullptr) {
        const Nanos deadline = system_clock().now() + profile_.shutdown.timeout;
        (void)wait_for([&](auto done) {
            plugins_->drain_all(deadline, [done = std::move(done)]() mutable { done({}); });
        });
        (void)wait_for([this](auto done) {
            plugins_->stop_all([done = std::move(done)]() mutable { done({}); });
        });
    }
    if (core_ != nullptr) {
        core_->stop();
    }
    log::info("stopped");
}

}  // namespace belfry
