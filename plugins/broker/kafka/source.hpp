/// One consumption: a thread that reads, delivers and settles.
#pragma once

#include "plugins/broker/kafka/grave.hpp"
#include "plugins/broker/kafka/session.hpp"
#include "plugins/broker/kafka/settings.hpp"
#include "plugins/broker/kafka/shared.hpp"
#include "plugins/broker/kafka/topics.hpp"

#include <belfry/broker.hpp>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace belfry::kafka {

/// Calls come from any thread and only leave something in the inbox.
class Source : public std::enable_shared_from_this<Source> {
public:
    using Drained = std::function<void()>;

    /// `previous`: of the same name, cancelled; what it has in flight goes back before this begins.
    Source(Shared& shared, std::string name, SourceSettings settings, const bf_source& wire);
    ~Source();
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;

    void start(std::shared_ptr<Source> previous, sdk::Done<> done);
    void settle(sdk::Array<bf_settlement> settlements);
    void pause(bool paused);
    void cancel(sdk::Done<> done);
    /// Delivers no more; `drained` is called once, when nothing is in flight.
    void drain(Drained drained);
    void stats(sdk::Done<sdk::SourceStats> done);
    /// On the watch's thread: whether the topics are there; makes them where it may.
    void inspect();
    /// Of the dead letters, on the clerk's thread.
    [[nodiscard]] const std::shared_ptr<Grave>& grave() const { return grave_; }
    /// Tells the thread to end; join waits for it.
    void stop();
    void join();

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const SourceSettings& settings() const { return settings_; }
    /// Consumes, or is about to.
    [[nodiscard]] bool is_active() const { return is_active_; }
    /// It never stood.
    [[nodiscard]] bool has_failed() const { return has_failed_; }

private:
    struct Settled {
        std::uint64_t token = 0;
        std::uint32_t outcome = 0;
        std::int64_t delay = 0;
        std::string reason;
    };
    /// A letter was written, or not.
    struct Moved {
        std::uint64_t id = 0;
        Verdict verdict;
        bool is_dead = false;
    };
    struct Inbox {
        std::vector<Settled> settled;
        std::vector<Moved> moved;
        std::vector<sdk::Done<sdk::SourceStats>> stats;
        std::optional<sdk::Done<>> cancelled;
        Drained drained;
        std::vector<std::string> gone;     ///< topics
        std::set<std::string> made_again;  ///< topics
        bool must_renew = false;
    };

    void run(const std::shared_ptr<Source>& previous);
    /// Until it stands or fails; false where it fails.
    [[nodiscard]] bool begin();
    void verify_topics();
    void turn();
    void take_inbox();
    void settle_one(const Settled& settled);
    void move(IncomingPtr incoming, const std::string& topic, const Message& letter);
    void take_moved(const Moved& moved);
    /// What was settled while partitions are about to go.
    void settle_in_time();
    void deliver();
    [[nodiscard]] bool may_deliver() const;
    [[nodiscard]] int wait_time() const;
    void keep_session();
    void open_session(const std::set<std::string>& made_again);
    void renew_session(const std::set<std::string>& made_again);
    /// Those that were not there twice in a row: a broker that has just come up may not know all
    /// of them yet. On the watch's thread, as the next one.
    [[nodiscard]] std::vector<NewTopic> find_missing(std::string& trouble);
    void make_missing(const std::vector<NewTopic>& missing, std::string& trouble);
    void answer_consume();
    void report();
    void answer_stats(sdk::Done<sdk::SourceStats> done);
    /// What the cluster has behind these.
    [[nodiscard]] std::uint64_t unread(
        const std::vector<std::pair<Place, std::int64_t>>& positions) const;
    void finish();
    void wake();

    Shared& shared_;
    const std::string name_;
    const SourceSettings settings_;
    const std::uint64_t max_in_flight_;
    void* const ctx_;
    void (*const deliver_)(void*, const bf_message*, std::uint64_t);
    const std::shared_ptr<Grave> grave_;

    std::atomic<bool> is_active_ = true;
    std::atomic<bool> has_failed_ = false;
    std::atomic<bool> is_paused_ = false;
    std::atomic<bool> is_over_ = false;

    // The thread's.
    std::optional<sdk::Done<>> consumed_;
    std::int64_t consume_until_ = 0;
    std::map<std::uint64_t, IncomingPtr> moving_;
    Drained drained_;
    bool is_delivering_ = true;
    std::int64_t next_commit_ = 0;
    std::int64_t next_open_ = 0;
    std::uint64_t session_reconnects_ = 0;  ///< of the connection, when the session began
    std::uint64_t renewals_ = 0;
    std::uint64_t redelivered_ = 0;
    std::uint64_t dead_ = 0;
    std::string letter_trouble_;  ///< why a letter could not be written

    std::set<std::string> suspects_;  ///< topics that were not there a moment ago; the watch's
    std::set<std::string> lost_;      ///< topics that have gone; the watch's

    std::mutex mutex_;  // guards what follows
    std::condition_variable changed_;
    Inbox inbox_;
    std::shared_ptr<Session> session_;  ///< changed by the thread only
    std::string missing_;               ///< of the topics: what is wrong
    bool has_ended_ = false;
    std::thread thread_;
};

}  // namespace belfry::kafka
