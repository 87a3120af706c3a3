/// The sources of a daemon, from their start to their end.
#include "daemon/base/log.hpp"
#include "daemon/base/wait.hpp"
#include "daemon/net/core_thread.hpp"
#include "daemon/runtime.hpp"

#include <algorithm>
#include <list>
#include <utility>

namespace belfry {
namespace {

/// Until the first try has ended; a plugin has shorter limits of its own.
constexpr Nanos kConsumeTime = 2 * 60 * kSecond;
constexpr Nanos kCancelTime = 2 * kSecond;

}  // namespace

Result<> Runtime::start_source(const config::SourceConfig& section) {
    auto& source = sources_.add(std::make_unique<Source>(
        SourceParts{*plugins_->broker(section.broker), *mailbox_, core_->loop(), system_clock(),
                    system_random(), metrics_},
        SourceSettings{
            {section.name, std::move(source_configs_.at(section.name)), section.max_in_flight},
            section.broker,
            section.envelope,
            section.stall}));
    auto started = wait_for(
        [&](auto done) {
            core_->loop().post(
                [&source, done = std::move(done)]() mutable { source.start(std::move(done)); });
        },
        kConsumeTime);
    if (!started) {
        return fail(started.error().code, config::to_string(section.where) + ": source " +
                                              section.name + ": " + started.error().message);
    }
    return {};
}

bool Runtime::is_needed(const config::SourceConfig& section) const {
    const auto broker =
        std::ranges::find(profile_.brokers, section.broker, &config::InstanceConfig::name);
    return broker != profile_.brokers.end() && broker->required;
}

Result<> Runtime::start_sources() {
    for (const config::SourceConfig& section : profile_.sources) {
        if (plugins_->broker(section.broker) == nullptr) {
            log::error("source left out, since its optional broker is not there",
                       {{"source", section.name}, {"broker", section.broker}});
        } else if (auto started = start_source(section); !started) {
            if (is_needed(section)) {
                return started;
            }
            log::error("source of an optional broker left out",
                       {{"source", section.name}, {"reason", started.error().message}});
        }
    }
    source_configs_.clear();
    return {};
}

/// All at once: a broker that does not answer holds up no other.
void Runtime::stop_sources() {
    std::list<Awaited<>> cancelled;
    for (const auto& source : sources_.all()) {
        cancelled.emplace_back([&](auto done) {
            core_->loop().post([&stopped = *source, done = std::move(done)]() mutable {
                stopped.stop(std::move(done));
            });
        });
    }
    for (auto& one : cancelled) {
        if (!one.get(kCancelTime)) {
            log::warning("a source was not cancelled in time");
        }
    }
}

std::vector<ops::HealthCheck> Runtime::check_sources() const {
    std::vector<ops::HealthCheck> checks;
    for (const config::SourceConfig& section : profile_.sources) {
        const Source* source = sources_.find(section.name);
        const SourceStatus status =
            source == nullptr ? SourceStatus{false, false, "left out"} : source->status();
        checks.push_back({"source " + section.name, status.is_standing || !is_needed(section),
                          status.is_standing && status.is_paused
                              ? "paused, since the storage is full or away"
                              : status.reason});
    }
    return checks;
}

}  // namespace belfry
