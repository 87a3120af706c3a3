/// What the storage has of who is connected.
#pragma once

#include "daemon/base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::live {

inline constexpr std::string_view kPresenceUsers = "presence";
inline constexpr std::string_view kPresenceNodes = "presence.nodes";
/// An index of kPresenceUsers: "<id of a node> <user>".
inline constexpr std::string_view kPresenceByNode = "node";

/// A user. Its id is the user's name.
struct PresenceDocument {
    bool is_online = false;
    Nanos since = 0;                 ///< of the last change
    std::vector<std::string> nodes;  ///< ids of those with sessions

    [[nodiscard]] std::string print() const;
    /// Nothing for text that `print` has not written.
    static std::optional<PresenceDocument> parse(std::string_view text);
};

/// A node. Its id is new with every start of the daemon, and when it has lost its lease.
struct NodeDocument {
    std::string node;
    std::uint64_t buried = 0;  ///< how often somebody has taken its users away; 0 = it is alive

    [[nodiscard]] std::string print() const;
    static std::optional<NodeDocument> parse(std::string_view text);
};

/// "<16 hex digits>.<name of the node>"
std::string make_node_id(std::uint64_t random, std::string_view node);
std::string_view node_of(std::string_view id);

}  // namespace belfry::live
