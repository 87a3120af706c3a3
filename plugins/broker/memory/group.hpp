/// What the instances of a group share.
#pragma once

#include "plugins/broker/memory/queues.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace belfry::memory {

/// An instance as its group sees it. Both are called with Group::mutex held and only note what is
/// to do.
class Member {
public:
    Member() = default;
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;
    virtual ~Member() = default;

    /// There may be something to deliver.
    virtual void wake() = 0;
    virtual void offer(std::uint32_t partition,
                       const std::shared_ptr<const std::string>& message) = 0;
};

struct Group {
    /// `run` makes coordinates unique over restarts.
    explicit Group(std::string random) : run(std::move(random)) {}

    /// Guards all below, and what the members keep of their sources.
    std::mutex mutex;
    Queues queues;
    std::vector<Member*> members;
    std::uint64_t last_token = 0;
    const std::string run;

    void wake_all() {
        for (Member* member : members) {
            member->wake();
        }
    }
};

/// The group of this name, the same for all instances of the process that are alive; for an empty
/// name one of its own. `run` is taken where the group is new.
[[nodiscard]] std::shared_ptr<Group> join_group(const std::string& name, std::string run);

}  // namespace belfry::memory
