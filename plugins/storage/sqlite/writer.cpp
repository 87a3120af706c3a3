#include "plugins/storage/sqlite/writer.hpp"

#include <sqlite3.h>

#include <chrono>
#include <utility>

namespace belfry::sqlite {

namespace {

constexpr std::chrono::milliseconds kIdle{60'000};
constexpr std::chrono::milliseconds kProbe{1'000};
/// So long nobody waits before what has arrived is moved on.
constexpr std::chrono::milliseconds kPause{20};

SQLite::Database open_writer(const Options& options) {
    auto database = open_database(options.path, Access::write);
    execute(database, "PRAGMA synchronous = " + std::string(name_of(options.synchronous)));
    execute(database, "PRAGMA wal_autocheckpoint = 0");
    // The log is cut back to this many bytes after a burst.
    execute(database, "PRAGMA journal_size_limit = 67108864");
    execute(database, "PRAGMA cache_size = -65536");
    execute(database, "PRAGMA temp_store = MEMORY");
    (void)query_number(database, "PRAGMA secure_delete = FAST");
    return database;
}

void complete(Work& work) noexcept {
    try {
        work.complete();
    } catch (...) {
        // No memory for the answer: the completion that is dropped says "retry".
        return;
    }
}

}  // namespace

Writer::Writer(const Options& options, sdk::Env env, Condition& condition)
    : path_(options.path), env_(env), condition_(condition), database_(open_writer(options)),
      commit_(database_, arrivals_, options, env), checkpoints_(options, env, condition),
      commit_seconds_(env.histogram("sqlite_commit_seconds", "Time of one transaction")),
      groups_(env.counter("sqlite_groups_total", "Groups of operations answered")),
      depth_(env.gauge("sqlite_queue_groups", "Groups that wait to be written")),
      arrived_(
          env.gauge("sqlite_arrivals", "Entries that are durable and not in their table yet")) {
    sqlite3_wal_hook(
        database_.getHandle(),
        [](void* checkpoints, sqlite3*, const char*, int pages) {
            static_cast<Checkpoints*>(checkpoints)->note_log(static_cast<std::uint64_t>(pages));
            return SQLITE_OK;
        },
        &checkpoints_);
    if (const auto trouble = transact([] {})) {
        throw sdk::Failure(sdk::Status::unavailable, trouble->message);
    }
    queue_.open();
    thread_ = std::thread([this] { run(); });
}

Writer::~Writer() { end(); }

void Writer::end() {
    queue_.close();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void Writer::commit(std::unique_ptr<Request> request, sdk::Done<sdk::Committed> done) {
    queue_.push(std::make_unique<CommitWork>(std::move(request), std::move(done)));
}

void Writer::load(std::vector<sdk::Record> records, sdk::Done<> done) {
    queue_.push(std::make_unique<LoadWork>(std::move(records), std::move(done)));
}

void Writer::claim(ClaimQuery query, sdk::Done<sdk::Jobs> done) {
    if (auto fault = check_name(query.queue, "claim: queue"); !fault.ok()) {
        done.fail(fault.status, fault.message);
        return;
    }
    if (query.until <= query.now) {
        done.fail(sdk::Status::invalid, "claim: the lease ends before it begins");
        return;
    }
    queue_.push(std::make_unique<ClaimWork>(std::move(query), std::move(done)));
}

void Writer::flush(sdk::Done<> done) {
    queue_.push(std::make_unique<BarrierWork>(std::move(done)));
}

void Writer::settle(std::function<void(const std::optional<Trouble>&)> then) {
    queue_.push(std::make_unique<SettleWork>(
        [this, then = std::move(then)](bool is_done, const std::optional<Trouble>& trouble) {
            if (is_done) {
                then(trouble);
            } else {
                settle(then);
            }
        }));
}

Totals Writer::totals() const { return {streams_, entries_}; }

void Writer::run() {
    auto wait = kIdle;
    while (!queue_.ended()) {
        auto batch = queue_.take(wait);
        depth_.set(static_cast<double>(queue_.depth()));
        if (!batch.empty()) {
            process(batch);
            wait = kPause;
        } else if (!condition_.is_broken()) {
            wait = std::chrono::milliseconds(0);
            work_on();
        }
        if (is_down_) {
            wait = kProbe;
        } else if (!commit_.has_work()) {
            wait = kIdle;
        }
    }
    settle_at_end();
}

/// When nobody waits.
void Writer::work_on() {
    if (is_down_) {
        report(transact([this] { commit_.probe(); }));
    } else if (commit_.has_work()) {
        commit_.hurry();
        report(transact([this] { commit_.work_on(); }));
    }
}

void Writer::settle_at_end() {
    if (!is_down_ && !condition_.is_broken() && commit_.arrived() != 0) {
        (void)transact([this] { (void)commit_.settle_all(); });
    }
}

void Writer::process(Batch& batch) {
    const auto trouble = write(batch);
    for (auto& work : batch) {
        if (trouble) {
            work->fail(*trouble);
        } else {
            groups_.add(static_cast<double>(work->groups()));
            complete(*work);
        }
    }
}

std::optional<Trouble> Writer::write(const Batch& batch) {
    if (condition_.is_broken()) {
        return Trouble{.message = "nothing is written any more, because of " + condition_.reason()};
    }
    const auto start = env_.monotonic();
    const auto all = [&](bool careful) {
        return transact([&] {
            for (const auto& work : batch) {
                work->run(commit_, careful);
            }
        });
    };
    auto trouble = all(false);
    if (trouble && !trouble->external) {
        trouble = all(true);
    }
    commit_seconds_.add(static_cast<double>(env_.monotonic() - start) / 1e9);
    report(trouble);
    return trouble;
}

/// Fails only where nothing may be written any more: else the log is long for a while.
std::optional<Trouble> Writer::shorten_log() {
    try {
        checkpoints_.finish(database_);
    } catch (const std::exception& error) {
        auto trouble = trouble_of(error, path_);
        condition_.delay(trouble);
        if (trouble.fatal) {
            return trouble;
        }
    }
    return std::nullopt;
}

template <class Body>
std::optional<Trouble> Writer::transact(Body body) {
    if (auto trouble = shorten_log()) {
        return trouble;
    }
    try {
        commit_.begin();
        body();
        commit_.commit();
    } catch (const std::exception& error) {
        auto trouble = trouble_of(error, path_);
        commit_.rollback();
        return trouble;
    }
    streams_ = commit_.totals().streams;
    entries_ = commit_.totals().entries;
    arrived_.set(static_cast<double>(commit_.arrived()));
    return std::nullopt;
}

void Writer::report(const std::optional<Trouble>& trouble) {
    is_down_ = trouble.has_value();
    if (trouble) {
        condition_.fail(*trouble);
    } else {
        condition_.work();
    }
}

}  // namespace belfry::sqlite
