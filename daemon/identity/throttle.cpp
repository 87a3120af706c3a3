#include "daemon/identity/throttle.hpp"

#include <algorithm>

namespace belfry {
namespace {

constexpr unsigned kFreeTries = 5;
constexpr Nanos kLongestWait = 15 * 60 * kSecond;
constexpr unsigned kDoublings = 10;  // more than kLongestWait

Nanos wait_after(unsigned failures) {
    if (failures < kFreeTries) {
        return 0;
    }
    return std::min(kSecond << std::min(failures - kFreeTries, kDoublings), kLongestWait);
}

}  // namespace

Result<> Throttle::begin(std::string_view account) {
    const Nanos now = clock_.monotonic();
    const std::lock_guard lock(mutex_);
    if (const auto found = by_name_.find(account); found != by_name_.end()) {
        accounts_.splice(accounts_.begin(), accounts_, found->second);
    } else {
        if (accounts_.size() == most_) {
            by_name_.erase(accounts_.back().name);
            accounts_.pop_back();
        }
        accounts_.push_front({.name = std::string(account)});
        by_name_.emplace(accounts_.front().name, accounts_.begin());
    }
    Account& known = accounts_.front();
    if (now < known.free_at) {
        return std::unexpected(
            Error{Code::limited, "too many failed logins", {}, known.free_at - now});
    }
    ++known.failures;
    known.free_at = now + wait_after(known.failures);
    return {};
}

void Throttle::forgive(std::string_view account) {
    const std::lock_guard lock(mutex_);
    if (const auto found = by_name_.find(account); found != by_name_.end()) {
        const auto at = found->second;
        by_name_.erase(found);
        accounts_.erase(at);
    }
}

void Throttle::take_back(std::string_view account) {
    const std::lock_guard lock(mutex_);
    const auto found = by_name_.find(account);
    if (found != by_name_.end() && found->second->failures > 0) {
        --found->second->failures;
        found->second->free_at = 0;
    }
}

}  // namespace belfry
