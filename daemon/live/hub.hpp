/// From commits to the shards that have followers.
#pragma once

#include "daemon/base/executor.hpp"
#include "daemon/live/interest.hpp"
#include "daemon/live/shard_hub.hpp"
#include "daemon/mailbox/committed.hpp"

#include <memory>
#include <span>
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

    void publish(const CommittedBatch& batch) {
        for (const HubShard& shard : shards_) {
            // A shard that is far behind is served from storage: its streams' sweep finds what is
            // left out.
            if (is_wanted(*batch, shard.interest) && shard.interest.batches() < kMostBatches) {
                shard.interest.add_batch();
                shard.executor.post([&hub = shard.hub, &interest = shard.interest, batch] {
                    interest.remove_batch();
                    hub.on_committed(*batch);
                });
            }
        }
    }

private:
    /// On their way to one shard.
    static constexpr std::uint32_t kMostBatches = 1024;

    static bool is_wanted(std::span<const Place> places, const Interest& interest) {
        for (const Place& place : places) {
            if (interest.may_have(place.stream)) {
                return true;
            }
        }
        return false;
    }

    std::vector<HubShard> shards_;
};

}  // namespace belfry::live
