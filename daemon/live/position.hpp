/// Where a follower begins.
#pragma once

#include "daemon/base/error.hpp"
#include "daemon/mailbox/token.hpp"
#include "daemon/plugin/values.hpp"

#include <string>
#include <string_view>

namespace belfry::live {

/// What a client asks for.
struct Since {
    enum class From {
        token,     ///< behind the entry the token names
        earliest,  ///< the oldest entry that is still there
        latest,    ///< what comes from now on
        device,    ///< behind what the device has acknowledged; latest where it never has
    };
    From from = From::latest;
    Token token;
    std::string device;
};

/// A token, "earliest", "latest" or "unacked"; empty is the device's position, or latest without a
/// device.
Result<Since> parse_since(std::string_view text, std::string_view device);

/// Where the follower stands and whether that is where it wanted to be.
struct Position {
    Head head;
    std::uint64_t seq = 0;    ///< the last entry it has seen
    bool recovered = true;    ///< nothing is missing between what it asked for and what it will get
    std::string_view reason;  ///< if not: "expired", "epoch_changed" or "ahead"
};

/// DESIGN 8: never a silent partial replay. `acknowledged` is the device's delivered cursor, 0 if
/// none.
Position decide(const Since& since, std::uint64_t acknowledged, const Head& head);

}  // namespace belfry::live
