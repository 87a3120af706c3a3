#include "plugins/storage/sqlite/writer.hpp"

#include <chrono>
#include <utility>

namespace belfry::sqlite {

namespace {

constexpr std::chrono::milliseconds kIdle{60'000};
constexpr std::chrono::milliseconds kProbe{1'000};

void complete(Work& work) noexcept {
    try {
        work.complete();
    } catch (...) {
        // Out of memory for the answer: the completion that is dropped says "retry".
        return;
    }
}

}  // namespace

Writer::Writer(SQLite::Database& database, std::string path, sdk::Env env,
               std::atomic<bool>& broken)
    : path_(std::move(path)), env_(env), operations_(database, env), broken_(broken),
      commit_seconds_(env.histogram("sqlite_commit_seconds", "Time of one transaction")),
      groups_(env.counter("sqlite_groups_total", "Groups of operations written")),
      depth_(env.gauge("sqlite_queue_groups", "Groups that wait to be written")) {}

void Writer::run(WorkQueue& queue) {
    while (!queue.ended()) {
        auto batch = queue.take(down_ ? kProbe : kIdle);
        depth_.set(static_cast<double>(queue.depth()));
        if (!batch.empty()) {
            process(batch);
        } else if (down_ && !broken_) {
            probe();
        }
    }
}

Trouble Writer::refusal() const {
    return {.message = "nothing is written any more, because of: " + down_message_};
}

void Writer::process(Batch& batch) {
    std::optional<Trouble> trouble;
    if (broken_) {
        trouble = refusal();
    } else {
        const auto start = env_.monotonic();
        trouble = attempt(batch, false);
        if (trouble && !trouble->external) {
            trouble = attempt(batch, true);
        }
        commit_seconds_.add(static_cast<double>(env_.monotonic() - start) / 1e9);
        report(trouble);
    }
    for (auto& work : batch) {
        if (trouble) {
            work->fail(*trouble);
        } else {
            groups_.add(static_cast<double>(work->groups()));
            complete(*work);
        }
    }
}

std::optional<Trouble> Writer::attempt(const Batch& batch, bool careful) {
    try {
        operations_.begin();
        for (const auto& work : batch) {
            work->run(operations_, careful);
        }
        operations_.commit();
        return std::nullopt;
    } catch (const std::exception& error) {
        auto trouble = trouble_of(error, path_);
        operations_.rollback();
        return trouble;
    }
}

void Writer::probe() {
    try {
        operations_.begin();
        operations_.probe();
        operations_.commit();
        report(std::nullopt);
    } catch (const std::exception& error) {
        const auto trouble = trouble_of(error, path_);
        operations_.rollback();
        report(trouble);
    }
}

void Writer::report(const std::optional<Trouble>& trouble) {
    if (!trouble) {
        if (std::exchange(down_, false)) {
            env_.health(sdk::Health::ok);
            env_.log(sdk::Level::info, "storage works again", {{"path", path_}});
        }
        return;
    }
    broken_ = broken_ || trouble->fatal;
    if (!std::exchange(down_, true) || trouble->fatal) {
        down_message_ = trouble->message;
        env_.health(sdk::Health::down, trouble->message);
        env_.log(trouble->fatal ? sdk::Level::error : sdk::Level::warning, "storage cannot write",
                 {{"reason", trouble->message}});
    }
}

}  // namespace belfry::sqlite
