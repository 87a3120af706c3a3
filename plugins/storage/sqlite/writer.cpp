#include "plugins/storage/sqlite/writer.hpp"

#include <chrono>
#include <utility>

namespace belfry::sqlite {

namespace {

constexpr std::chrono::milliseconds kIdle{60'000};
constexpr std::chrono::milliseconds kProbe{1'000};

SQLite::Database open_writer(const Options& options) {
    auto database = open_database(options.path, Access::write);
    execute(database, "PRAGMA synchronous = " + std::string(name_of(options.synchronous)));
    execute(database, "PRAGMA wal_autocheckpoint = " + std::to_string(options.wal_autocheckpoint));
    // The log is cut back to this many bytes after a burst.
    execute(database, "PRAGMA journal_size_limit = 67108864");
    execute(database, "PRAGMA cache_size = -65536");
    execute(database, "PRAGMA temp_store = MEMORY");
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

Writer::Writer(const Options& options, sdk::Env env)
    : path_(options.path), env_(env), database_(open_writer(options)), commit_(database_, env),
      commit_seconds_(env.histogram("sqlite_commit_seconds", "Time of one transaction")),
      groups_(env.counter("sqlite_groups_total", "Groups of operations answered")),
      depth_(env.gauge("sqlite_queue_groups", "Groups that wait to be written")) {
    queue_.open();
    thread_ = std::thread([this] { run(); });
}

Writer::~Writer() {
    queue_.close();
    thread_.join();
}

void Writer::commit(std::unique_ptr<Request> request, sdk::Done<sdk::Committed> done) {
    queue_.push(std::make_unique<CommitWork>(std::move(request), std::move(done)));
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

void Writer::load(std::vector<sdk::Record> records, sdk::Done<> done) {
    queue_.push(std::make_unique<LoadWork>(std::move(records), std::move(done)));
}

void Writer::flush(sdk::Done<> done) {
    queue_.push(std::make_unique<BarrierWork>(std::move(done)));
}

void Writer::run() {
    while (!queue_.ended()) {
        auto batch = queue_.take(down_.empty() ? kIdle : kProbe);
        depth_.set(static_cast<double>(queue_.depth()));
        if (!batch.empty()) {
            process(batch);
        } else if (!down_.empty() && !broken_) {
            report(transact([this] { commit_.probe(); }));
        }
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
    if (broken_) {
        return Trouble{.message = "nothing is written any more, because of " + down_};
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

template <class Body>
std::optional<Trouble> Writer::transact(Body body) {
    try {
        commit_.begin();
        body();
        commit_.commit();
        return std::nullopt;
    } catch (const std::exception& error) {
        auto trouble = trouble_of(error, path_);
        commit_.rollback();
        return trouble;
    }
}

void Writer::report(const std::optional<Trouble>& trouble) {
    if (!trouble) {
        if (!std::exchange(down_, {}).empty()) {
            env_.health(sdk::Health::ok);
            env_.log(sdk::Level::info, "storage works again", {{"path", path_}});
        }
        return;
    }
    broken_ = broken_ || trouble->fatal;
    if (down_.empty() || trouble->fatal) {
        env_.health(sdk::Health::down, trouble->message);
        env_.log(sdk::Level::error, "storage cannot write", {{"reason", trouble->message}});
    }
    down_ = trouble->message;
}

}  // namespace belfry::sqlite
