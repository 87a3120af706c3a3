#include "plugins/broker/memory/group.hpp"

#include <map>

namespace belfry::memory {

std::shared_ptr<Group> join_group(const std::string& name, std::string run) {
    if (name.empty()) {
        return std::make_shared<Group>(std::move(run));
    }
    // Sharing between instances is what a group is for; nothing else of this process is shared.
    static std::mutex mutex;
    static std::map<std::string, std::weak_ptr<Group>> groups;
    const std::lock_guard lock(mutex);
    auto& known = groups[name];
    auto group = known.lock();
    if (!group) {
        group = std::make_shared<Group>(std::move(run));
        known = group;
    }
    return group;
}

}  // namespace belfry::memory
