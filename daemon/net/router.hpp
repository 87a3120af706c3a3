/// Which handler a request belongs to.
#pragma once

#include "daemon/net/connection.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::net {

/// Matches method and path, segment by segment; "{name}" matches one non-empty segment and fixed
/// segments win over it. Filled before use, then any thread.
class Router {
public:
    /// `conflict` if the same method and shape of path is taken already. An empty method matches
    /// any that no other route of the path has.
    Result<> add(const std::string& method, const std::string& path, RequestHandler handler);

    /// Calls the handler, or answers 404, or 405 with Allow (RFC 9110 15.5.6). HEAD is served by
    /// GET.
    void dispatch(Request request, Exchange exchange) const;

private:
    struct Leaf {
        RequestHandler handler;
        std::vector<std::string> names;  ///< of the parameters, in order
    };
    struct Node {
        std::map<std::string, Node, std::less<>> fixed;
        std::map<char, Node> any;  ///< at most one; a map, because Node is not complete here
        std::map<std::string, Leaf, std::less<>> methods;
    };

    static const Node* find(const Node& node, std::string_view path,
                            std::vector<std::string_view>& values);

    Node root_;
};

}  // namespace belfry::net
