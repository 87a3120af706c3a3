#include "daemon/ops/health.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace belfry::ops {
namespace {

constexpr Nanos kEvery = 5 * kSecond;
constexpr Nanos kLoopStuck = 5 * kSecond;
constexpr Nanos kReadyWithin = 3 * kEvery;
constexpr Nanos kSoundWithin = 60 * kSecond;
constexpr std::string_view kCollection = "belfry.health";
constexpr std::string_view kDocument = "canary";

}  // namespace

Health::Health(HealthParts parts)
    : parts_(std::move(parts)),
      canary_seconds_(parts_.metrics.seconds("belfry_canary_duration_seconds",
                                             "From committing the canary to reading it back.")) {
    const Nanos now = parts_.clock.monotonic();
    for (const net::Loop* loop : parts_.loops) {
        watches_.push_back({loop, loop->turns(), now});
    }
    proven_at_ = now;
}

void Health::start() {
    parts_.core.post([self = shared_from_this()] { self->prove(); });
}

/// One proof after the other, never two at once.
void Health::prove() {
    if (is_stopped_.load()) {
        return;
    }
    const Nanos value = parts_.clock.monotonic();
    Group group;
    group.emplace_back(Put{std::string(kCollection),
                           std::string(kDocument),
                           kVersionAny,
                           R"({"value":)" + std::to_string(value) + '}',
                           {}});
    parts_.ingest.submit(std::move(group),
                         [self = shared_from_this(), value](Result<std::vector<OpResult>> result) {
                             self->on_committed(std::move(result), value);
                         });
}

void Health::on_committed(Result<std::vector<OpResult>> result, Nanos value) {
    if (!result) {
        settle("write: " + result.error().message);
        return;
    }
    parts_.storage.get(
        std::string(kCollection), std::string(kDocument), parts_.core,
        [self = shared_from_this(), value, version = result->front().value[0]](
            const Result<Document>& document) { self->on_read(document, value, version); });
}

void Health::on_read(const Result<Document>& document, Nanos value, std::uint64_t version) {
    if (!document) {
        settle("read: " + document.error().message);
    } else if (document->version < version) {
        // Other nodes write it, too.
        settle("read: what was written is not there");
    } else {
        canary_seconds_.Observe(static_cast<double>(parts_.clock.monotonic() - value) / kSecond);
        settle({});
    }
}

void Health::settle(std::string failure) {
    {
        const std::lock_guard lock(mutex_);
        settled_at_ = parts_.clock.monotonic();
        if (failure.empty()) {
            proven_at_ = parts_.clock.monotonic();
            is_proven_ = true;
        }
        failure_ = std::move(failure);
    }
    if (!is_stopped_.load()) {
        parts_.core.after(kEvery, [self = shared_from_this()] { self->prove(); });
    }
}

std::vector<std::size_t> Health::stuck_loops() {
    const Nanos now = parts_.clock.monotonic();
    std::vector<std::size_t> stuck;
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < watches_.size(); ++i) {
        LoopWatch& watch = watches_[i];
        const std::uint64_t turns = watch.loop->turns();
        if (turns != watch.turns) {
            watch.turns = turns;
            watch.seen_at = now;
        } else if (now - watch.seen_at > kLoopStuck) {
            stuck.push_back(i);
        }
    }
    return stuck;
}

std::vector<HealthCheck> Health::live() {
    std::string detail;
    for (const std::size_t index : stuck_loops()) {
        detail += (detail.empty() ? "no turn of shard " : ", ") + std::to_string(index);
    }
    return {{"loops", detail.empty(), detail}};
}

HealthCheck Health::storage_check() {
    const std::lock_guard lock(mutex_);
    const Nanos age = parts_.clock.monotonic() - proven_at_;
    if (is_proven_ && failure_.empty() && age <= kReadyWithin) {
        return {"storage", true, {}};
    }
    return {"storage", false,
            failure_.empty() ? "no proof for " + std::to_string(age / kSecond) + " s" : failure_};
}

std::vector<HealthCheck> Health::ready() {
    auto checks = live();
    const bool is_started = is_started_.load();
    checks.push_back({"started", is_started, is_started ? "" : "still starting"});
    const bool is_draining = is_draining_.load();
    checks.push_back({"accepting", !is_draining, is_draining ? "shutting down" : ""});
    checks.push_back(storage_check());
    if (const std::string trouble = parts_.bus(); !trouble.empty()) {
        checks.push_back({"bus", true, "degraded: " + trouble});
    }
    for (const plugin::InstanceStatus& instance : parts_.instances()) {
        // Without its brokers a node still serves clients, from storage.
        const bool is_broker = instance.kind == plugin::Kind::broker;
        const bool is_down = instance.state == plugin::State::failed ||
                             (instance.health == plugin::Health::down && !is_broker);
        const bool is_well =
            instance.state == plugin::State::started && instance.health == plugin::Health::ok;
        std::string detail = is_well ? ""
                                     : std::string(name_of(instance.state)) + ", " +
                                           std::string(name_of(instance.health));
        if (!instance.reason.empty()) {
            detail += (detail.empty() ? "" : ": ") + instance.reason;
        }
        checks.push_back({"plugin " + instance.name, !(is_down && instance.required), detail});
    }
    std::ranges::move(parts_.sources(), std::back_inserter(checks));
    return checks;
}

bool Health::is_sound() {
    if (!stuck_loops().empty()) {
        return false;
    }
    const std::lock_guard lock(mutex_);
    return parts_.clock.monotonic() - settled_at_ <= kSoundWithin;
}

}  // namespace belfry::ops
