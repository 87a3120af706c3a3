#include "daemon/identity/users.hpp"

#include "daemon/base/log.hpp"
#include "daemon/mailbox/names.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <utility>

namespace belfry {
namespace {

namespace json = boost::json;

constexpr std::string_view kCollection = "users";
constexpr std::size_t kMostRoles = 32;
constexpr std::size_t kLongestRole = 64;

/// A user as stored.
struct Account {
    User user;
    std::string password;
};

std::string print(const Account& account) {
    return json::serialize(
        json::object{{"name", account.user.name},
                     {"password", account.password},
                     {"roles", json::array(account.user.roles.begin(), account.user.roles.end())},
                     {"created_at", account.user.created_at}});
}

Result<Account> parse(const Document& document) {
    try {
        const json::value value = json::parse(document.document);
        const json::object& object = value.as_object();
        Account account;
        account.user.name = document.id;
        account.password = std::string_view(object.at("password").as_string());
        account.user.created_at = object.at("created_at").as_int64();
        for (const json::value& role : object.at("roles").as_array()) {
            account.user.roles.emplace_back(std::string_view(role.as_string()));
        }
        return account;
    } catch (const std::exception&) {
        return fail(Code::unavailable,
                    "user \"" + document.id + "\": the stored document is damaged");
    }
}

Group put(const Account& account, std::uint64_t expected_version) {
    Group group;
    group.emplace_back(
        Put{std::string(kCollection), account.user.name, expected_version, print(account), {}});
    return group;
}

std::unexpected<Error> wrong_login() {
    return fail(Code::unauthenticated, "wrong name or password");
}

bool is_role_byte(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' ||
           byte == '_' || byte == '.' || byte == ':';
}

}  // namespace

Result<> check_roles(const std::vector<std::string>& roles) {
    if (roles.size() > kMostRoles) {
        return fail(Code::invalid,
                    "roles: expected at most " + std::to_string(kMostRoles) + ", found " +
                        std::to_string(roles.size()),
                    "/roles");
    }
    for (std::size_t i = 0; i < roles.size(); ++i) {
        if (roles[i].empty() || roles[i].size() > kLongestRole ||
            !std::ranges::all_of(roles[i], is_role_byte)) {
            return fail(Code::invalid,
                        "roles: expected 1 to " + std::to_string(kLongestRole) +
                            " lower-case letters, digits, '-', '_', '.' or ':'",
                        "/roles/" + std::to_string(i));
        }
    }
    return {};
}

Result<> check_user_name(std::string_view name) {
    if (auto checked = check_stream(user_stream(name)); !checked) {
        return fail(Code::invalid, "name: " + checked.error().message, "/name");
    }
    return {};
}

void Users::create(NewUser user, Callback<User> done) {
    for (const auto& checked : {check_user_name(user.name), parts_.passwords.check(user.password),
                                check_roles(user.roles)}) {
        if (!checked) {
            done(std::unexpected(checked.error()));
            return;
        }
    }
    Account account{{std::move(user.name), std::move(user.roles), parts_.clock.now()}, {}};
    parts_.passwords.hash(
        std::move(user.password), parts_.core,
        [this, account = std::move(account),
         done = std::move(done)](Result<std::string> hashed) mutable {
            if (!hashed) {
                done(std::unexpected(std::move(hashed.error())));
                return;
            }
            account.password = std::move(*hashed);
            Group group = put(account, kVersionNone);
            parts_.ingest.submit(
                std::move(group), [user = std::move(account.user), done = std::move(done)](
                                      Result<std::vector<OpResult>> stored) mutable {
                    if (stored) {
                        done(std::move(user));
                    } else if (stored.error().code == Code::conflict) {
                        done(fail(Code::conflict, "name: \"" + user.name + "\" is taken", "/name"));
                    } else {
                        done(std::unexpected(std::move(stored.error())));
                    }
                });
        });
}

void Users::get(const std::string& name, Callback<User> done) {
    parts_.storage.get(std::string(kCollection), name, parts_.core,
                       [done = std::move(done)](Result<Document> document) mutable {
                           auto account = document ? parse(*document)
                                                   : std::unexpected(std::move(document.error()));
                           if (account) {
                               done(std::move(account->user));
                           } else {
                               done(std::unexpected(std::move(account.error())));
                           }
                       });
}

/// A login under way.
struct Users::Login {
    std::string name;
    std::string password;
    Callback<LoggedIn> done;
    Account account = {};
    std::uint64_t version = 0;  ///< of the account; 0 = no such user
};

void Users::log_in(std::string name, std::string password, Callback<LoggedIn> done) {
    if (!check_user_name(name) || password.size() > kLongestPassword) {
        done(wrong_login());
        return;
    }
    if (auto free = throttle_.begin(name); !free) {
        done(std::unexpected(free.error()));
        return;
    }
    const auto login = std::make_shared<Login>(
        Login{.name = std::move(name), .password = std::move(password), .done = std::move(done)});
    parts_.storage.get(
        std::string(kCollection), login->name, parts_.core,
        [this, login](Result<Document> found) { on_found(login, std::move(found)); });
}

void Users::on_found(const std::shared_ptr<Login>& login, Result<Document> found) {
    auto account = found ? parse(*found) : std::unexpected(found.error());
    if (account) {
        login->account = std::move(*account);
        login->version = found->version;
    } else if (account.error().code != Code::not_found) {
        throttle_.take_back(login->name);
        login->done(std::unexpected(account.error()));
        return;
    }
    parts_.passwords.verify(login->password, login->account.password, parts_.core,
                            [this, login](Result<Passwords::Verdict> verdict) {
                                on_verified(login, std::move(verdict));
                            });
}

void Users::on_verified(const std::shared_ptr<Login>& login, Result<Passwords::Verdict> verdict) {
    if (!verdict) {
        throttle_.take_back(login->name);
        login->done(std::unexpected(verdict.error()));
        return;
    }
    if (!verdict->is_match) {
        login->done(wrong_login());
        return;
    }
    throttle_.forgive(login->name);
    const User& user = login->account.user;
    const bool is_admin = std::ranges::find(user.roles, kRoleAdmin) != user.roles.end();
    const Principal principal{is_admin ? PrincipalKind::admin : PrincipalKind::user, user.name,
                              user.roles};
    login->done(LoggedIn{user, parts_.tokens.issue(principal)});
    if (verdict->is_outdated) {
        rehash(login);
    }
}

/// Of no consequence if it fails: the next login tries again.
void Users::rehash(const std::shared_ptr<Login>& login) {
    parts_.passwords.hash(
        std::move(login->password), parts_.core, [this, login](Result<std::string> hashed) {
            if (!hashed) {
                return;
            }
            login->account.password = std::move(*hashed);
            parts_.ingest.submit(put(login->account, login->version), [](const auto& stored) {
                if (!stored) {
                    log::debug("password hash was not renewed",
                               {{"reason", stored.error().message}});
                }
            });
        });
}

}  // namespace belfry
