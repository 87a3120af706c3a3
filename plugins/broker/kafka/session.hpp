/// A member of the consumer group, from its joining to its leaving.
#pragma once

#include "plugins/broker/kafka/backlog.hpp"
#include "plugins/broker/kafka/conf.hpp"
#include "plugins/broker/kafka/shared.hpp"
#include "plugins/broker/kafka/tracker.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace belfry::kafka {

/// All on the source's thread, yield excepted.
class Session : public Troubles {
public:
    /// Called before partitions go to another member: takes over what has been settled, waiting
    /// for that a moment.
    using Settle = std::function<void()>;

    /// Begins to join. Topics in `made_again` are read from their beginning: what the group has
    /// committed may be of the former ones. Throws sdk::Failure.
    Session(Shared& shared, const SourceSettings& settings, Settle settle,
            std::set<std::string> made_again);
    ~Session() override;
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// Reads what there is, waiting so long for the first of it.
    void poll(int wait_ms);
    /// Any thread: ends a poll that waits.
    void yield();
    /// Reads on or not, as the backlog is empty or full; not at all where nothing is wanted.
    void adjust(bool is_wanted);

    /// What may be delivered now, with its token; null without one.
    [[nodiscard]] std::pair<std::uint64_t, const Incoming*> take();
    /// It is settled: no longer in flight. Null where the token is none of this session.
    [[nodiscard]] IncomingPtr land(std::uint64_t token);
    /// Its effect is durable. One of a partition that has gone is ignored.
    void done(const Incoming& incoming);
    /// To be delivered again at `due`.
    void hand_back(std::int64_t due, IncomingPtr incoming);

    /// Tells the group how far it is. Without waiting, or for the answer.
    void commit(bool waits);
    /// The topic was deleted: what was read of it is void, and nothing of it is committed any more.
    void forsake(const std::string& topic);
    /// Leaves the group; where the cluster cannot be reached, without saying so.
    void close(bool says_so);

    /// It has been told its partitions, which may be none.
    [[nodiscard]] bool stands() const { return stands_; }
    /// It can do nothing more; there must be a new one.
    [[nodiscard]] bool is_broken() const { return is_broken_; }
    /// A topic was not there: whoever finds it there again must begin anew.
    [[nodiscard]] bool misses_topic() const { return misses_topic_; }
    /// Why the group or a topic cannot be consumed; empty where they can.
    [[nodiscard]] const std::string& reason() const { return reason_; }
    [[nodiscard]] const Backlog& backlog() const { return backlog_; }
    [[nodiscard]] std::size_t in_flight() const { return in_flight_.size(); }
    /// Where reading goes on, for each partition; kUnknown at a partition's beginning.
    [[nodiscard]] std::vector<std::pair<Place, std::int64_t>> positions() const;

    void trouble(rd_kafka_resp_err_t code, const std::string& text) override;

private:
    using List = rd_kafka_topic_partition_list_t;

    static void on_rebalance(rd_kafka_t* handle, rd_kafka_resp_err_t code, List* partitions,
                             void* opaque);
    static void on_commit(rd_kafka_t* handle, rd_kafka_resp_err_t code, List* offsets,
                          void* opaque);
    void subscribe();
    void assign(List& partitions);
    void revoke(List& partitions);
    /// The partition's first offset to read, and what is committed.
    [[nodiscard]] Tracker begin_partition(rd_kafka_topic_partition_t& partition,
                                          bool is_committed_known);
    void forget(const std::function<bool(const Place&)>& is_gone);
    void take_in(const rd_kafka_message_t& record);
    void take_error(const rd_kafka_message_t& record);
    void set_paused(bool is_retry, bool is_paused);
    [[nodiscard]] PartitionsPtr offsets_to_commit() const;

    Shared& shared_;
    const SourceSettings& settings_;
    const Settle settle_;
    std::set<std::string> made_again_;  ///< until the first partitions have come
    std::map<Place, Tracker> partitions_;
    Backlog backlog_;
    std::map<std::uint64_t, IncomingPtr> in_flight_;  ///< by token
    bool stands_ = false;
    bool is_broken_ = false;
    std::atomic<bool> misses_topic_ = false;
    bool is_closing_ = false;
    bool is_fresh_paused_ = false;
    bool is_retry_paused_ = false;
    std::string reason_;
    HandlePtr handle_;  ///< null when it is closed
    std::mutex queue_mutex_;
    QueuePtr queue_;  // guarded by it
};

}  // namespace belfry::kafka
