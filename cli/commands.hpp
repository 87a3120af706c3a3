/// What `belfry` can do. Each returns when it is done; output goes to standard output.
#pragma once

#include "cli/outcome.hpp"

#include <string>
#include <vector>

namespace belfry::cli {

struct Common {
    std::string socket;
    bool is_json = false;
};

struct SendOptions {
    std::string to;  ///< a user, or "user:alice", or "topic:news"
    std::string title;
    std::string type;
    std::string text;  ///< "-" = every line of standard input
};
Outcome<> send(const Common& common, const SendOptions& options);

struct UserOptions {
    std::string name;
    std::string password;  ///< empty = asked for
    std::vector<std::string> roles;
};
Outcome<> add_user(const Common& common, UserOptions options);

struct TokenOptions {
    std::string user;
    std::vector<std::string> roles;
    std::string lifetime;
};
Outcome<> make_token(const Common& common, const TokenOptions& options);

struct TailOptions {
    std::string user;
    std::string topic;
    std::string since;  ///< a token, "earliest" or "latest"
};
/// Until the process is interrupted.
Outcome<> tail(const Common& common, const TailOptions& options);

/// Has the daemon write a backup; `name` empty = named by the time.
Outcome<> back_up(const Common& common, const std::string& name);

struct MigrateOptions {
    std::string from;  ///< profiles
    std::string to;
};
/// Becomes `belfryd migrate`, which can load storages; returns only where that cannot be run.
Outcome<> migrate(const MigrateOptions& options);

Outcome<> show_status(const Common& common);

}  // namespace belfry::cli
