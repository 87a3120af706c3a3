/// Who is connected here, told to all nodes.
#pragma once

#include "daemon/base/metrics.hpp"
#include "daemon/live/presence_lease.hpp"
#include "daemon/live/presence_store.hpp"

#include <deque>
#include <string>
#include <unordered_map>
#include <utility>

namespace belfry::live {

struct PresenceSettings {
    std::string node;
    Nanos offline_after = 10 * kSecond;  ///< without a session
    std::string stream = "topic:presence";
    Nanos lease = 15 * kSecond;  ///< of a node
};

/// Keeps what the storage has of this node's users. A user who leaves and comes back within
/// `offline_after` costs nothing. Lives on the core's executor.
class Presence {
public:
    /// All outlive this; this outlives the executor's tasks.
    Presence(const PresenceStore::Parts& parts, Random& random, Metrics& metrics,
             const PresenceSettings& settings);

    /// Any thread, before the executor runs its tasks or after.
    void start();
    /// A session of the user begins or ends. Any thread.
    void note(const std::string& user, bool is_there);

private:
    struct User {
        std::uint32_t sessions = 0;
        Nanos left_at = 0;          ///< monotonic; when the last session ended
        std::string recorded = {};  ///< the node id under which the storage has it; empty = not
        std::string stale = {};     ///< a lost id that was written late; taken away again
        bool is_queued = false;
        bool is_busy = false;  ///< being written
    };

    void on_note(const std::string& name, bool is_there);
    void on_held(bool is_new);
    void enqueue(const std::string& name, User& user);
    void pump();
    void write(const std::string& name, User& user);
    void on_written(const std::string& name, const std::string& id, bool is_there,
                    const Result<>& done);
    void settle(const std::string& name);
    void take_stale_away(const std::string& name, User& user);
    void watch_leavers();
    void end_leaves();
    [[nodiscard]] bool is_here(const User& user) const;
    [[nodiscard]] Nanos now() const { return store_.parts().clock.monotonic(); }

    const PresenceSettings settings_;
    PresenceStore store_;
    PresenceLease lease_;
    std::unordered_map<std::string, User> users_;
    std::deque<std::string> queue_;  ///< whose record may differ
    std::size_t busy_ = 0;
    std::deque<std::pair<Nanos, std::string>> leavers_;  ///< with the time of offline, in its order
    bool is_watching_ = false;
    prometheus::Gauge& gauge_;
    prometheus::Counter& failed_;
};

}  // namespace belfry::live
