/// The only thread that writes.
#pragma once

#include <atomic>
#include <belfry/host.hpp>
#include <optional>
#include <string>

#include "plugins/storage/sqlite/work_queue.hpp"

namespace belfry::sqlite {

/// Runs the queue's work, as much as there is in one transaction. Reports the instance's health.
class Writer {
public:
    /// `broken` becomes true when nothing may be done any more.
    Writer(SQLite::Database& database, std::string path, sdk::Env env, std::atomic<bool>& broken);

    /// Until the queue is closed and empty.
    void run(WorkQueue& queue);

private:
    void process(Batch& batch);
    /// One transaction -> why it failed.
    std::optional<Trouble> attempt(const Batch& batch, bool careful);
    void probe();
    void report(const std::optional<Trouble>& trouble);
    [[nodiscard]] Trouble refusal() const;

    std::string path_;
    sdk::Env env_;
    Operations operations_;
    std::atomic<bool>& broken_;
    sdk::Metric commit_seconds_;
    sdk::Metric groups_;
    sdk::Metric depth_;
    bool down_ = false;
    std::string down_message_;
};

}  // namespace belfry::sqlite
