#include "plugins/broker/rabbitmq/standing.hpp"

#include <algorithm>

namespace belfry::rabbitmq {

void Standing::set(const std::string& part, sdk::Health state, std::string reason) {
    const std::lock_guard lock(mutex_);
    parts_[part] = {state, std::move(reason)};
    report();
}

void Standing::clear(const std::string& part) {
    const std::lock_guard lock(mutex_);
    parts_.erase(part);
    report();
}

void Standing::report() {
    Report sum;
    for (const auto& [part, one] : parts_) {
        sum.state = std::max(sum.state, one.state);
        // A connection that is lost is lost for all: said once.
        if (!sum.reason.contains(one.reason)) {
            sum.reason += (sum.reason.empty() ? "" : "; ") + one.reason;
        }
    }
    if (!has_reported_ || sum != reported_) {
        has_reported_ = true;
        env_.health(sum.state, sum.reason);
        reported_ = std::move(sum);
    }
}

}  // namespace belfry::rabbitmq
