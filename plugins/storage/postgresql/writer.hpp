/// The only thread of this daemon that writes.
#pragma once

#include "plugins/storage/postgresql/options.hpp"
#include "plugins/storage/postgresql/reconnect.hpp"
#include "plugins/storage/postgresql/work_queue.hpp"
#include "plugins/storage/postgresql/write_session.hpp"

#include <belfry/host.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace belfry::postgresql {

/// Puts as much of what waits as it may into one transaction and answers when that is durable.
/// Connects again for ever; a transaction whose end is unknown is looked up, and run again where it
/// did not take effect. Reports the instance's health. Calls from any thread.
class Writer {
public:
    /// Connects; the schema is there. Throws SqlError.
    Writer(const Options& options, sdk::Env env);
    /// What was accepted is answered first. Where the server is silent, after ten seconds the
    /// connection is cut.
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    void commit(std::unique_ptr<Request> request, sdk::Done<sdk::Committed> done);
    void claim(ClaimQuery query, sdk::Done<sdk::Jobs> done);
    /// Completes when all that was accepted before is answered.
    void flush(sdk::Done<> done);
    /// As the server was when last connected to.
    [[nodiscard]] Durability durability() const;

private:
    using Works = std::vector<std::unique_ptr<Work>>;
    using Clock = std::chrono::steady_clock;
    /// Inside a transaction -> whether there is something to commit.
    using Body = std::function<bool(WriteSession& session, bool careful)>;
    enum class Ended { done, again, carefully, unknown, failed };

    void run();
    [[nodiscard]] std::chrono::milliseconds idle_time() const;
    void idle();
    void process(Batch& batch);
    void commit_all(const Works& works);
    void claim_one(std::unique_ptr<Work> work);
    void finish(const Works& works, const std::optional<Trouble>& trouble);

    /// -> why it failed.
    std::optional<Trouble> transact(const Body& body);
    Ended attempt(const Body& body, bool careful, Trouble& trouble);
    Ended judge(const SqlError& error, bool is_committing, bool careful, Trouble& trouble);
    /// What became of a commit whose outcome is unknown; still `unknown` where this is stopped
    /// first.
    Ended find_out(bool careful, Trouble& trouble);
    Ended classify(Trouble& trouble, bool careful);
    /// Ends a transaction that was begun for work that did not come.
    void end_unused();
    /// Did the last transaction take effect? Nothing where the writer was stopped before that is
    /// known.
    std::optional<bool> resolve(const Trouble& trouble);
    std::optional<bool> ask_outcome();

    /// False where there is no connection by then, with the reason in `trouble`.
    bool connect_by(Clock::time_point deadline, Trouble& trouble);
    bool try_connect();
    void disconnect(const Trouble& trouble);
    void nap(std::chrono::milliseconds time);
    void fail_waiting(const Trouble& trouble);
    void report(const std::optional<Trouble>& trouble);

    const Options options_;
    const std::string place_;
    sdk::Env env_;
    WriterState state_;
    Reconnect reconnect_;
    WorkQueue queue_;
    mutable std::mutex mutex_;  ///< of the three below, where another thread may look
    std::unique_ptr<WriteSession> session_;
    Durability durability_;
    bool has_ended_ = false;
    std::condition_variable ended_;
    std::atomic<bool> is_cut_ = false;  ///< stopping, and nothing more is waited for
    Trouble refused_;                   ///< why there was no connection the last time
    std::string down_;                  ///< why nothing can be written; empty = all is well
    bool is_tidy_ = false;              ///< nothing is left behind by resets
    sdk::Metric commit_seconds_;
    sdk::Metric groups_;
    sdk::Metric depth_;
    sdk::Metric durable_;
    sdk::Metric again_;
    sdk::Metric unknown_;
    std::thread thread_;
};

}  // namespace belfry::postgresql
