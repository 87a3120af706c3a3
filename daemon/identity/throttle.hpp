/// Slows down the guessing of passwords.
#pragma once

#include "daemon/base/error.hpp"
#include "daemon/base/time.hpp"

#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace belfry {

/// Per account: after 5 failures in a row a wait of 1 s, doubling up to 15 min. In memory, of at
/// most `accounts` names: the one with the fewest failures is forgotten first, none that has to
/// wait is. Any thread.
class Throttle {
public:
    explicit Throttle(const Clock& clock, std::size_t accounts = 10'000)
        : clock_(clock), most_(accounts) {}

    /// Before a try, which counts as failed until `forgive`. `limited` with the time left to wait:
    /// the account's, or that of the first to be forgotten when all that are known have to wait.
    Result<> begin(std::string_view account);
    /// The try was right.
    void forgive(std::string_view account);
    /// The try was not made after all.
    void take_back(std::string_view account);

private:
    struct Account {
        std::string name;
        unsigned failures = 0;
        Nanos free_at = 0;  ///< monotonic
    };
    using Accounts = std::list<Account>;

    Result<> make_room(Nanos now);
    void forget(Accounts::iterator account);

    const Clock& clock_;
    const std::size_t most_;
    std::mutex mutex_;
    Accounts accounts_;  ///< the most recently tried first
    std::unordered_map<std::string_view, Accounts::iterator> by_name_;
};

}  // namespace belfry
