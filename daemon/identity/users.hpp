/// The users this daemon keeps itself: collection "users", id = name.
#pragma once

#include "daemon/base/executor.hpp"
#include "daemon/identity/passwords.hpp"
#include "daemon/identity/throttle.hpp"
#include "daemon/identity/tokens.hpp"
#include "daemon/mailbox/ingest.hpp"
#include "daemon/plugin/storage.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace belfry {

struct User {
    std::string name;
    std::vector<std::string> roles;
    Nanos created_at = 0;
};

struct NewUser {
    std::string name;  ///< what may stand behind "user:" in a stream's name
    std::string password;
    std::vector<std::string> roles;
};

struct LoggedIn {
    User user;
    IssuedToken token;
};

/// What Users works with; all of it outlives Users.
struct UsersParts {
    Executor& core;
    Ingest& ingest;
    Storage& storage;
    const Clock& clock;
    Passwords& passwords;
    const Tokens& tokens;
};

/// Any thread. Callbacks run on the core's executor, or on the calling thread where the call fails
/// at once.
class Users {
public:
    explicit Users(const UsersParts& parts) : parts_(parts), throttle_(parts.clock) {}

    /// `conflict` where the name is taken; `invalid` names the member.
    void create(NewUser user, Callback<User> done);
    /// `unauthenticated` for a wrong name or password, the same for both; `limited` after too many.
    void log_in(std::string name, std::string password, Callback<LoggedIn> done);
    void get(const std::string& name, Callback<User> done);

private:
    struct Login;

    void on_found(const std::shared_ptr<Login>& login, Result<Document> found);
    void on_verified(const std::shared_ptr<Login>& login, Result<Passwords::Verdict> verdict);
    void rehash(const std::shared_ptr<Login>& login);

    UsersParts parts_;
    Throttle throttle_;
};

/// Roles are 1 to 64 lower-case letters, digits, '-', '_', '.' or ':', at most 32 of them.
Result<> check_roles(const std::vector<std::string>& roles);
/// What may stand behind "user:" in a stream's name.
Result<> check_user_name(std::string_view name);

}  // namespace belfry
