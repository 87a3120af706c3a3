#include "daemon/mailbox/retention.hpp"

#include "daemon/base/log.hpp"

#include <utility>

namespace belfry {
namespace {

constexpr std::uint64_t kAtOnce = 1'000;
/// Between two commits of a pass, so that it takes a small part of the storage's time.
constexpr Nanos kBreath = 20 * kMillisecond;

}  // namespace

Retention::Retention(Executor& core, Ingest& ingest, const Clock& clock,
                     const RetentionSettings& settings, Metrics& metrics)
    : core_(core), ingest_(ingest), clock_(clock), settings_(settings),
      trimmed_(metrics.counter("belfry_retention_entries_total", "Entries forgotten.")),
      passes_(metrics.counter("belfry_retention_passes_total", "Passes over all streams.")) {}

void Retention::start() { pass_later(settings_.interval); }

void Retention::pass_later(Nanos delay) {
    core_.after(delay, [this] { trim(); });
}

void Retention::trim() {
    const Nanos now = clock_.now();
    Group group;
    group.emplace_back(Trim{.stream = {},
                            .older_than = settings_.age == 0 ? 0 : now - settings_.age,
                            .keep = settings_.entries,
                            .expired_at = now,
                            .limit = kAtOnce});
    ingest_.submit(std::move(group),
                   [this](const Result<std::vector<OpResult>>& result) { on_trimmed(result); });
}

void Retention::on_trimmed(const Result<std::vector<OpResult>>& result) {
    if (!result) {
        if (result.error().code == Code::closed) {
            return;
        }
        if (!std::exchange(was_failing_, true)) {
            log::warning("old entries cannot be trimmed", {{"reason", result.error().message}});
        }
        pass_later(settings_.interval);
        return;
    }
    was_failing_ = false;
    const auto [removed, more] = result->front().value;
    trimmed_.Increment(static_cast<double>(removed));
    if (more != 0) {
        pass_later(kBreath);
    } else {
        passes_.Increment();
        pass_later(settings_.interval);
    }
}

}  // namespace belfry
