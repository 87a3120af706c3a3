#include "plugins/broker/kafka/standing.hpp"

#include <utility>

namespace belfry::kafka {

void Standing::set_link(bool is_up, const std::string& reason) {
    const std::lock_guard lock(mutex_);
    if (is_up && !is_up_ && std::exchange(was_up_, true)) {
        ++reconnects_;
        env_.log(sdk::Level::info, "connected again");
    }
    is_up_ = is_up;
    link_reason_ = is_up ? std::string() : reason;
    report();
}

void Standing::set_source(std::string_view name, const std::string& reason) {
    const std::lock_guard lock(mutex_);
    if (reason.empty()) {
        if (const auto found = troubles_.find(name); found != troubles_.end()) {
            troubles_.erase(found);
        }
    } else {
        troubles_.insert_or_assign(std::string(name), reason);
    }
    report();
}

std::string Standing::reason() const {
    const std::lock_guard lock(mutex_);
    return link_reason_;
}

// Under the mutex, so that what was reported last is what holds.
void Standing::report() {
    std::pair<sdk::Health, std::string> now{sdk::Health::ok, {}};
    if (!is_up_) {
        now = {sdk::Health::down, link_reason_};
    } else if (!troubles_.empty()) {
        const auto& [name, reason] = *troubles_.begin();
        now = {sdk::Health::degraded, "source " + name + ": " + reason};
    }
    if (reported_ != now) {
        env_.health(now.first, now.second);
        reported_ = std::move(now);
    }
}

}  // namespace belfry::kafka
