#include "daemon/mailbox/source.hpp"

#include "daemon/base/log.hpp"

#include <algorithm>
#include <utility>

namespace belfry {
namespace {

constexpr Nanos kFirstTry = 200 * kMillisecond;
constexpr Nanos kLongestTry = 10 * kSecond;
constexpr Nanos kWatchEvery = 5 * kSecond;

bool may_pass(Code code) {
    return code == Code::unavailable || code == Code::retry || code == Code::limited;
}

}  // namespace

Source::Source(SourceParts parts, SourceSettings settings)
    : parts_(parts), settings_(std::move(settings)),
      intake_(parts_.broker, parts_.mailbox, parts_.core, settings_.consumed.name,
              settings_.envelope, parts_.metrics),
      metrics_(parts_.metrics, settings_.consumed.name), step_(kFirstTry) {}

SourceStatus Source::status() const {
    const std::lock_guard lock(mutex_);
    return status_;
}

void Source::set_phase(Phase phase, std::string reason) {
    phase_ = phase;
    const std::lock_guard lock(mutex_);
    // While it is consumed anew it is neither, for a moment.
    if (phase != Phase::consuming && phase != Phase::cancelling) {
        status_.is_standing = phase == Phase::standing;
    }
    if (phase == Phase::standing || !reason.empty()) {
        status_.reason = std::move(reason);
    }
}

void Source::start(Callback<> done) {
    started_ = std::move(done);
    set_phase(Phase::idle, "not consumed yet");
    consume();
    parts_.core.after(kWatchEvery, [this] { watch(); });
}

void Source::consume() {
    set_phase(Phase::consuming);
    parts_.broker.consume(
        settings_.consumed, parts_.core,
        [this](std::vector<Message> messages) {
            for (Message& message : messages) {
                intake_.take(std::move(message));
            }
        },
        [this](const Result<>& consumed) { on_consumed(consumed); });
}

void Source::on_consumed(const Result<>& consumed) {
    if (consumed) {
        set_phase(Phase::standing);
        step_ = kFirstTry;
        moved_at_ = parts_.clock.monotonic();
        intake_.on_consumed();
    }
    if (started_) {
        const bool is_over = !consumed && !may_pass(consumed.error().code);
        auto started = std::exchange(started_, nullptr);
        if (is_over) {
            set_phase(Phase::idle, consumed.error().message);
            started(consumed);
            return;
        }
        started({});
    }
    if (is_stopping_) {
        consumed ? cancel() : end();
    } else if (!consumed) {
        if (consumed.error().message != status().reason) {
            log::warning("source not consumed",
                         {{"source", name()}, {"reason", consumed.error().message}});
        }
        consume_later(consumed.error().message);
    }
}

void Source::consume_later(const std::string& reason) {
    set_phase(Phase::waiting, reason);
    const Nanos half = step_ / 2;
    const Nanos delay =
        half + static_cast<Nanos>(parts_.random.below(static_cast<std::uint64_t>(half)));
    step_ = std::min(2 * step_, kLongestTry);
    parts_.core.after(delay, [this] {
        if (phase_ == Phase::waiting && !is_stopping_) {
            consume();
        }
    });
}

void Source::stop(Callback<> done) {
    is_stopping_ = true;
    stopped_ = std::move(done);
    if (phase_ == Phase::standing) {
        cancel();
    } else if (phase_ == Phase::idle || phase_ == Phase::waiting) {
        end();
    }
}

void Source::cancel() {
    set_phase(Phase::cancelling);
    parts_.broker.cancel(settings_.consumed.name, parts_.core,
                         [this](const Result<>& /*cancelled*/) { on_cancelled(); });
}

void Source::on_cancelled() {
    if (is_stopping_) {
        end();
    } else {
        consume();
    }
}

void Source::end() {
    set_phase(Phase::idle, "stopped");
    if (stopped_) {
        std::exchange(stopped_, nullptr)({});
    }
}

void Source::watch() {
    if (is_stopping_) {
        return;
    }
    parts_.broker.source_stats(name(), parts_.core, [this](const Result<SourceStats>& stats) {
        on_stats(stats);
        parts_.core.after(kWatchEvery, [this] { watch(); });
    });
}

void Source::on_stats(const Result<SourceStats>& stats) {
    {
        const std::lock_guard lock(mutex_);
        status_.is_paused = intake_.is_paused();
    }
    if (!stats) {
        metrics_.disconnect();
        moved_at_ = parts_.clock.monotonic();
        return;
    }
    metrics_.update(*stats, parts_.clock.now());
    if (phase_ == Phase::standing && !is_stopping_ && is_stalled(*stats)) {
        log::warning("source stalled, consuming anew",
                     {{"source", name()}, {"lag", std::to_string(stats->lag)}});
        metrics_.count_stall();
        cancel();
    }
}

/// Only the broker's silence is one: not a pause, nor messages that wait here for a commit.
bool Source::is_stalled(const SourceStats& stats) {
    const Nanos now = parts_.clock.monotonic();
    const bool may_move = stats.connected && stats.lag != 0 && stats.lag != UINT64_MAX &&
                          intake_.is_empty() && !intake_.is_paused();
    if (!may_move || std::exchange(steps_, intake_.steps()) != intake_.steps()) {
        moved_at_ = now;
    }
    return now - moved_at_ >= settings_.stall;
}

}  // namespace belfry
