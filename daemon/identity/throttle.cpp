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
        if (auto room = make_room(now); !room) {
            return room;
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
        forget(found->second);
    }
}

void Throttle::take_back(std::string_view account) {
    const std::lock_guard lock(mutex_);
    const auto found = by_name_.find(account);
    if (found == by_name_.end()) {
        return;
    }
    Account& known = *found->second;
    known.free_at = 0;
    if (--known.failures == 0) {
        forget(found->second);
    }
}

Result<> Throttle::make_room(Nanos now) {
    if (accounts_.size() < most_) {
        return {};
    }
    // Of those with equally few failures the least recently tried, which comes last.
    auto least = accounts_.end();
    Nanos first_free = kLongestWait + now;
    for (auto at = accounts_.begin(); at != accounts_.end(); ++at) {
        first_free = std::min(first_free, at->free_at);
        if (at->free_at <= now && (least == accounts_.end() || at->failures <= least->failures)) {
            least = at;
        }
    }
    if (least == accounts_.end()) {
        return std::unexpected(
            Error{Code::limited, "too many accounts with failed logins", {}, first_free - now});
    }
    forget(least);
    return {};
}

void Throttle::forget(Accounts::iterator account) {
    by_name_.erase(account->name);
    accounts_.erase(account);
}

}  // namespace belfry
