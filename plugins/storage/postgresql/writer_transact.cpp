// The part of the writer that gets a transaction done: again, carefully, over another connection.
#include "plugins/storage/postgresql/writer.hpp"

#include <algorithm>
#include <utility>

namespace belfry::postgresql {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPatience{1'000};
constexpr milliseconds kLastPatience{3'000};  ///< where the writer is being stopped
constexpr milliseconds kNap{50};
constexpr int kMostContentions = 20;

}  // namespace

std::optional<Trouble> Writer::transact(const Body& body) {
    const auto start = env_.monotonic();
    auto deadline = Clock::now() + kPatience;
    bool careful = false;
    int contentions = 0;
    Trouble trouble;
    const auto succeed = [&] {
        commit_seconds_.add(static_cast<double>(env_.monotonic() - start) / 1e9);
        report(std::nullopt);
        return std::nullopt;
    };
    while (connect_by(deadline, trouble)) {
        auto ended = attempt(body, careful, trouble);
        if (ended == Ended::unknown) {
            ended = find_out(careful, trouble);
            deadline = Clock::now() + kPatience;
        }
        if (ended == Ended::unknown) {
            return trouble;
        }
        if (ended == Ended::done) {
            return succeed();
        }
        careful = careful || ended == Ended::carefully;
        if (ended == Ended::failed ||
            (trouble.cause == Cause::contention && ++contentions > kMostContentions)) {
            break;
        }
        again_.add();
    }
    report(trouble);
    return trouble;
}

Writer::Ended Writer::attempt(const Body& body, bool careful, Trouble& trouble) {
    const auto round = state_.round;
    bool is_committing = false;
    try {
        session_->begin();
        if (!body(*session_, careful)) {
            session_->rollback();
            return Ended::done;
        }
        is_committing = true;
        session_->commit(queue_.depth() != 0);
        return Ended::done;
    } catch (const SqlError& error) {
        state_.round = round;
        return judge(error, is_committing, careful, trouble);
    } catch (const std::exception& error) {
        state_.round = round;
        return judge(SqlError({}, true, error.what()), is_committing, careful, trouble);
    }
}

Writer::Ended Writer::judge(const SqlError& error, bool is_committing, bool careful,
                            Trouble& trouble) {
    bool is_lost = error.lost;
    trouble = trouble_of(error, place_);
    if (!is_lost) {
        try {
            session_->rollback();
        } catch (const SqlError&) {
            is_lost = true;
        }
    }
    if (is_lost || trouble.cause == Cause::connection) {
        disconnect(trouble);
        trouble.cause = Cause::connection;
    }
    return is_committing ? Ended::unknown : classify(trouble, careful);
}

Writer::Ended Writer::classify(Trouble& trouble, bool careful) {
    switch (trouble.cause) {
        case Cause::connection: return Ended::again;
        case Cause::contention:
            state_.look_ups = WriterState::kLookUps;  // it may have been an event that is known
            return Ended::again;
        case Cause::content:
            trouble.status = sdk::Status::unavailable;
            return careful ? Ended::failed : Ended::carefully;
        default: return Ended::failed;
    }
}

Writer::Ended Writer::find_out(bool careful, Trouble& trouble) {
    const auto took_effect = resolve(trouble);
    if (!took_effect) {
        trouble = {.status = sdk::Status::retry,
                   .message = place_ + ": stopped before the end of a commit is known"};
        return Ended::unknown;
    }
    return *took_effect ? Ended::done : classify(trouble, careful);
}

std::optional<bool> Writer::resolve(const Trouble& trouble) {
    unknown_.add();
    auto patience = Clock::now() + kPatience;
    std::optional<Clock::time_point> last;
    while (!is_cut_) {
        if (const auto outcome = ask_outcome()) {
            return outcome;
        }
        if (queue_.is_closed()) {
            last = last.value_or(Clock::now() + kLastPatience);
        }
        if (last && Clock::now() > *last) {
            break;
        }
        if (Clock::now() > patience) {
            report(trouble);
            fail_waiting(trouble);
        }
        nap(std::min(reconnect_.wait(), kPatience));
    }
    return std::nullopt;
}

std::optional<bool> Writer::ask_outcome() {
    if (session_ == nullptr && !(reconnect_.is_due() && try_connect())) {
        return std::nullopt;
    }
    try {
        return session_->has_committed(state_.batch);
    } catch (const SqlError& error) {
        disconnect(trouble_of(error, place_));
        return std::nullopt;
    }
}

bool Writer::connect_by(Clock::time_point deadline, Trouble& trouble) {
    while (session_ == nullptr) {
        if (reconnect_.is_due() && try_connect()) {
            break;
        }
        if (!down_.empty() || is_cut_ || Clock::now() >= deadline) {
            trouble = refused_;
            return false;
        }
        nap(reconnect_.wait());
    }
    return true;
}

bool Writer::try_connect() {
    try {
        auto session = std::make_unique<WriteSession>(options_, env_, state_);
        auto durability = session->durability();
        if (options_.require_durable && !durability.is_durable) {
            throw SqlError({}, true, "not durable: " + durability.settings);
        }
        durable_.set(durability.is_durable ? 1 : 0);
        const std::lock_guard lock(mutex_);
        session_ = std::move(session);
        durability_ = std::move(durability);
        return true;
    } catch (const SqlError& error) {
        reconnect_.failed();
        refused_ = trouble_of(error, place_);
        return false;
    }
}

void Writer::disconnect(const Trouble& trouble) {
    env_.log(sdk::Level::warning, "connection given up", {{"reason", trouble.message}});
    refused_ = trouble;
    reconnect_.failed();
    const std::lock_guard lock(mutex_);
    session_.reset();
}

/// Shorter where the writer is being stopped.
void Writer::nap(milliseconds time) {
    if (queue_.pause(time)) {
        std::this_thread::sleep_for(std::min(time, kNap));
    }
}

}  // namespace belfry::postgresql
