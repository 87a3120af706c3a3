/// One shard's streams and their followers.
#pragma once

#include "daemon/base/executor.hpp"
#include "daemon/base/metrics.hpp"
#include "daemon/live/encoder.hpp"
#include "daemon/live/follower.hpp"
#include "daemon/live/heard.hpp"
#include "daemon/live/interest.hpp"
#include "daemon/mailbox/committed.hpp"
#include "daemon/mailbox/mailbox.hpp"

#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace belfry::live {

/// A page on its way, for all that wait for the same one.
struct PageRead {
    std::uint64_t after;
    std::vector<Subscription*> waiters;
};

/// A stream with at least one follower on this shard.
struct StreamState {
    std::string name;
    std::uint64_t epoch = 0;  ///< 0 = not known yet
    std::uint64_t head = 0;   ///< the largest seq heard of
    std::vector<Subscription*> members;
    std::vector<Entry> fresh;  ///< came in this turn, not handed out yet
    std::vector<PageRead> reads;
};

struct ShardHubSettings {
    std::uint64_t page_entries = 256;
    std::uint64_t page_bytes = 48 * 1024;
    Nanos retry = 500 * kMillisecond;  ///< after a failed read
    Nanos sweep = 5 * kSecond;         ///< between looks at the heads of all followed streams
    Nanos hurried_sweep = kSecond;     ///< while less is heard than there is
};

/// DESIGN 3: a session is a cursor; it is either live, fed from here, or reading, fed from storage,
/// and moves between the two. Everything on the shard's thread.
class ShardHub {
public:
    ShardHub(Executor& home, Mailbox& mailbox, Interest& interest, Metrics& metrics,
             const ShardHubSettings& settings);

    /// Registers a subscription and finds out where it stands; answered by Follower::on_followed,
    /// later.
    void follow(Subscription& subscription, const std::string& stream, const Since& since);
    /// After on_followed: catch up, then live.
    void begin(Subscription& subscription);
    void unfollow(Subscription& subscription);
    /// The follower has drained.
    void resume(Subscription& subscription);

    /// New entries, in order.
    void on_committed(const std::vector<Place>& places) { take(places, false); }
    /// What another node says of its commits. Late, repeated or missing, it does no harm.
    void on_heard(const Heard& heard);
    /// Compares the heads of all followed streams with storage, so that even a lost last entry is
    /// found, and again after every interval.
    void start_sweeping();
    /// Sweeps more often, or no longer does.
    void hurry(bool is_hurried) { is_hurried_ = is_hurried; }

    [[nodiscard]] std::size_t streams() const { return streams_.size(); }

private:
    /// A subscription whose position is being found out.
    struct Pending {
        std::uint64_t ticket;
        std::string stream;
        Since since;
        std::uint64_t acknowledged = 0;
    };

    void ask_cursor(Pending pending);
    void ask_head(Pending pending);
    void ask_heads();
    void answer(const Pending& pending, const Result<Head>& head);

    void take(const std::vector<Place>& places, bool is_heard);
    void doubt(const std::string& stream);
    void ask_doubted();

    void hand_out(StreamState& stream);
    void deliver(Subscription& subscription, const SharedBytes& frames,
                 std::span<const Entry> entries);
    void advance(Subscription& subscription);
    void read_page(Subscription& subscription);
    void issue_read(const std::string& name, std::uint64_t after);
    void on_page(const std::string& name, std::uint64_t after, const Result<Page>& page);
    void feed_page(StreamState& stream, PageRead read, const Page& page);
    void skip_missing(const PageRead& read, const Page& page);
    void change_epoch(StreamState& stream, const Head& head);
    void learn_head(StreamState& stream, const Head& head);

    void sweep(const std::shared_ptr<std::vector<std::string>>& names);
    void heal(const Head& head);
    StreamState* find(const std::string& name);

    Executor& home_;
    Mailbox& mailbox_;
    Interest& interest_;
    const ShardHubSettings settings_;
    std::unordered_map<std::string, std::unique_ptr<StreamState>> streams_;
    std::unordered_map<std::uint64_t, Subscription*> starting_;  ///< by ticket
    std::uint64_t last_ticket_ = 0;
    bool is_storage_away_ = false;   ///< the last page could not be read
    std::vector<Pending> asking_;    ///< for the heads call at the end of this turn
    std::set<std::string> doubted_;  ///< heard of in another epoch than known; storage decides
    bool is_asking_doubted_ = false;
    bool is_hurried_ = false;
    Nanos unswept_ = 0;  ///< time since the last sweep
    prometheus::Counter& delivered_;
    prometheus::Counter& lagged_;
    prometheus::Counter& healed_;
    prometheus::Counter& pages_;
};

}  // namespace belfry::live
