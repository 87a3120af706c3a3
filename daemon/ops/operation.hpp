/// One named call of the control plane, whatever door it comes through.
#pragma once

#include "daemon/base/executor.hpp"
#include "daemon/identity/principal.hpp"
#include "daemon/net/http_message.hpp"
#include "daemon/plugin/values.hpp"

#include <boost/json/value.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::ops {

/// Who may call. An admin always may.
enum class Access : std::uint8_t {
    anonymous,      ///< anybody
    authenticated,  ///< anybody known; the operation keeps to what is the caller's own
    roles,          ///< who has one of Operation::roles
};

/// What an HTTP request carries.
enum class Body : std::uint8_t {
    none,  ///< the input is the parameters of path and query
    json,
    text,  ///< the body is the input's member "body", as it is; Title and Type headers may come
           ///< with it
};

/// One call; borrowed until the handler returns.
struct Call {
    const Principal& principal;
    const boost::json::value& input;  ///< passed the operation's schema
    std::string_view text;  ///< what `input` was parsed from; empty where it was put together
    Executor& home;         ///< where reads complete
};

struct Reply {
    unsigned status = 0;  ///< of HTTP; 0 = the operation's
    std::string json;
    net::Headers headers;
};

/// The calling thread's; must not block. `done` may be called on any thread.
using Handler = std::function<void(const Call&, Callback<Reply>)>;

/// An operation's share of a commit group, and how its result is told.
struct Part {
    Op op;
    std::function<std::string(const OpResult&)> print;  ///< -> JSON
};
using Prepare = std::function<Result<Part>(const Call&)>;

struct Route {
    std::string method;
    std::string path;  ///< "{name}" is a member of the input
};

struct Operation {
    std::string name;  ///< "notifications.publish"
    std::vector<Route> routes;
    std::string summary;
    Access access = Access::authenticated;
    std::vector<std::string> roles;
    Body body = Body::none;
    std::string input;   ///< JSON Schema; see InputSchema for what is checked of it
    std::string output;  ///< JSON Schema
    unsigned status = 200;
    Handler handler;
    Prepare prepare;  ///< empty = cannot be part of a transaction
};

}  // namespace belfry::ops
