/// From commits to the shards that have followers.
#pragma once

#include "daemon/base/executor.hpp"
#include "daemon/live/heard.hpp"
#include "daemon/live/interest.hpp"
#include "daemon/live/shard_hub.hpp"
#include "daemon/mailbox/committed.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace belfry::live {

/// Where one shard's hub lives.
struct HubShard {
    Executor& executor;
    Interest& interest;
    ShardHub& hub;
};

/// Hands each batch to every shard that may have a follower of one of its streams. One thread.
class Hub {
public:
    explicit Hub(std::vector<HubShard> shards) : shards_(std::move(shards)) {}

    /// What was committed here.
    void publish(const CommittedBatch& batch) {
        hand_out([&batch](const Interest& interest) { return wants(*batch, interest); },
                 [batch](ShardHub& hub) { hub.on_committed(*batch); });
    }

    /// What was committed elsewhere.
    void hear(const HeardPtr& heard) {
        hand_out(
            [&heard](const Interest& interest) {
                return wants(heard->places, interest) || wants(heard->heads, interest);
            },
            [heard](ShardHub& hub) { hub.on_heard(*heard); });
    }

    [[nodiscard]] bool may_follow(std::string_view stream) const {
        return std::ranges::any_of(
            shards_, [stream](const HubShard& shard) { return shard.interest.may_have(stream); });
    }

    /// Less is heard than there is: shards look into the storage more often.
    void hurry(bool is_hurried) {
        if (std::exchange(is_hurried_, is_hurried) != is_hurried) {
            for (const HubShard& shard : shards_) {
                shard.executor.post([&hub = shard.hub, is_hurried] { hub.hurry(is_hurried); });
            }
        }
    }

private:
    /// On their way to one shard.
    static constexpr std::uint32_t kMostBatches = 1024;

    template <class Items>
    static bool wants(const Items& items, const Interest& interest) {
        return std::ranges::any_of(
            items, [&interest](const auto& item) { return interest.may_have(item.stream); });
    }

    /// A shard that is far behind is served from storage: its streams' sweep finds what is left
    /// out.
    template <class IsWanted, class Give>
    void hand_out(IsWanted is_wanted, const Give& give) {
        for (const HubShard& shard : shards_) {
            if (is_wanted(shard.interest) && shard.interest.batches() < kMostBatches) {
                shard.interest.add_batch();
                shard.executor.post([&hub = shard.hub, &interest = shard.interest, give] {
                    interest.remove_batch();
                    give(hub);
                });
            }
        }
    }

    std::vector<HubShard> shards_;
    bool is_hurried_ = false;
};

}  // namespace belfry::live
