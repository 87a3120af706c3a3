/// What `belfry` can do. Each returns when it is done; output goes to standard output.
#pragma once

#include "cli/outcome.hpp"

#include <cstdint>
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

/// What is consumed from brokers, and how it goes.
Outcome<> list_sources(const Common& common);

struct DeadLetterOptions {
    std::string source;
    std::uint64_t limit = 100;
    bool with_body = false;
};
/// The oldest dead letters of a source.
Outcome<> list_dead_letters(const Common& common, const DeadLetterOptions& options);

struct ReplayOptions {
    std::string source;
    std::uint64_t limit = 0;  ///< 0 = all
};
/// Sends dead letters back to where they came from, in chunks; how far it is stands on standard
/// error.
Outcome<> replay(const Common& common, const ReplayOptions& options);

struct MigrateOptions {
    std::string from;  ///< profiles
    std::string to;
};
/// Becomes `belfryd migrate`, which can load storages; returns only where that cannot be run.
Outcome<> migrate(const MigrateOptions& options);

Outcome<> show_status(const Common& common);

}  // namespace belfry::cli
