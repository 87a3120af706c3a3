#include "daemon/config/unit.hpp"
#include "daemon/ops/core_operations.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <utility>

namespace belfry::ops {
namespace {

namespace json = boost::json;

constexpr Nanos kLongestLifetime = 10LL * 365 * 24 * 3600 * kSecond;

std::string text(const json::object& input, std::string_view name) {
    const json::value* value = input.if_contains(name);
    return value == nullptr ? std::string{} : std::string(std::string_view(value->get_string()));
}

std::vector<std::string> roles_of(const json::object& input) {
    std::vector<std::string> roles;
    if (const json::value* named = input.if_contains("roles")) {
        for (const json::value& role : named->get_array()) {
            roles.emplace_back(std::string_view(role.get_string()));
        }
    }
    return roles;
}

json::array to_array(const std::vector<std::string>& texts) {
    return json::array(texts.begin(), texts.end());
}

Reply to_reply(const json::object& object) {
    return {.status = 0, .json = json::serialize(object), .headers = {}};
}

Reply token_reply(const IssuedToken& token, const std::string& user) {
    return to_reply(
        {{"token", token.text}, {"expires_at", to_rfc3339(token.expires_at)}, {"user", user}});
}

constexpr std::string_view kTokenOutput = R"({"type": "object",
    "required": ["token", "expires_at", "user"], "properties": {
        "token": {"type": "string", "description": "For Authorization: Bearer."},
        "expires_at": {"type": "string", "format": "date-time"},
        "user": {"type": "string"}}})";

void register_user(Identity& identity, const Call& call, Callback<Reply> done) {
    const json::object& input = call.input.get_object();
    NewUser user{text(input, "name"), text(input, "password"), roles_of(input)};
    if (!user.roles.empty() && !call.principal.is_admin()) {
        done(fail(Code::refused, "roles: only an admin gives roles", "/roles"));
        return;
    }
    identity.users().create(std::move(user),
                            [done = std::move(done)](Result<User> created) mutable {
                                if (!created) {
                                    done(std::unexpected(std::move(created.error())));
                                    return;
                                }
                                done(to_reply({{"name", created->name},
                                               {"roles", to_array(created->roles)},
                                               {"created_at", to_rfc3339(created->created_at)}}));
                            });
}

Operation register_operation(Identity& identity) {
    Operation operation;
    operation.name = "users.register";
    operation.routes = {{"POST", "/v1/users"}};
    operation.summary = "Create a user.";
    operation.access = identity.is_registration_open() ? Access::anonymous : Access::roles;
    operation.roles = {std::string(kRoleAdmin)};
    operation.body = Body::json;
    operation.input = R"({"type": "object", "required": ["name", "password"], "properties": {
        "name": {"type": "string", "description": "1 to 200 bytes, no spaces or quotes; also the user's id."},
        "password": {"type": "string"},
        "roles": {"type": "array", "items": {"type": "string"}, "description": "Only an admin gives roles."}}})";
    operation.output =
        R"({"type": "object", "required": ["name", "roles", "created_at"], "properties": {
        "name": {"type": "string"}, "roles": {"type": "array", "items": {"type": "string"}},
        "created_at": {"type": "string", "format": "date-time"}}})";
    operation.status = 201;
    operation.handler = [&identity](const Call& call, Callback<Reply> done) {
        register_user(identity, call, std::move(done));
    };
    return operation;
}

Operation login_operation(Identity& identity) {
    Operation operation;
    operation.name = "auth.login";
    operation.routes = {{"POST", "/v1/login"}};
    operation.summary = "Get a token for a name and a password.";
    operation.access = Access::anonymous;
    operation.body = Body::json;
    operation.input = R"({"type": "object", "required": ["name", "password"], "properties": {
        "name": {"type": "string"}, "password": {"type": "string"}}})";
    operation.output = kTokenOutput;
    operation.handler = [&identity](const Call& call, Callback<Reply> done) {
        const json::object& input = call.input.get_object();
        identity.users().log_in(
            text(input, "name"), text(input, "password"),
            [done = std::move(done)](Result<LoggedIn> login) mutable {
                done(login ? Result<Reply>(token_reply(login->token, login->user.name))
                           : std::unexpected(std::move(login.error())));
            });
    };
    return operation;
}

Result<Reply> make_token(const Identity& identity, const json::object& input) {
    const std::string user = text(input, "user");
    const auto roles = roles_of(input);
    if (auto checked = check_user_name(user); !checked) {
        return fail(Code::invalid, "user: " + checked.error().message, "/user");
    }
    if (auto checked = check_roles(roles); !checked) {
        return std::unexpected(checked.error());
    }
    Nanos lifetime = 0;
    if (const std::string wanted = text(input, "lifetime"); !wanted.empty()) {
        lifetime = config::parse_quantity(wanted, config::Unit::duration).value_or(0);
        if (lifetime < kSecond || lifetime > kLongestLifetime) {
            return fail(Code::invalid,
                        "lifetime: expected a duration from 1s to 3650d, such as 12h or 30d",
                        "/lifetime");
        }
    }
    const bool is_admin = std::ranges::find(roles, kRoleAdmin) != roles.end();
    const Principal principal{is_admin ? PrincipalKind::admin : PrincipalKind::user, user, roles};
    return token_reply(identity.tokens().issue(principal, lifetime), user);
}

Operation token_operation(Identity& identity) {
    Operation operation;
    operation.name = "auth.token";
    operation.routes = {{"POST", "/v1/tokens"}};
    operation.summary = "Make a token for anybody, a user of this daemon or not.";
    operation.access = Access::roles;
    operation.roles = {std::string(kRoleAdmin)};
    operation.body = Body::json;
    operation.input = R"({"type": "object", "required": ["user"], "properties": {
        "user": {"type": "string"},
        "roles": {"type": "array", "items": {"type": "string"}, "description": "For example producer; none where it is missing."},
        "lifetime": {"type": "string", "description": "Such as 12h or 30d; the configured one where it is missing."}}})";
    operation.output = kTokenOutput;
    operation.status = 201;
    operation.handler = [&identity](const Call& call, Callback<Reply> done) {
        done(make_token(identity, call.input.get_object()));
    };
    return operation;
}

Operation me_operation(Identity& /*identity*/) {
    Operation operation;
    operation.name = "users.me";
    operation.routes = {{"GET", "/v1/me"}};
    operation.summary = "Who the daemon takes the caller for.";
    operation.input = R"({"type": "object"})";
    operation.output = R"({"type": "object", "required": ["kind", "id", "roles"], "properties": {
        "kind": {"type": "string", "enum": ["user", "service", "admin"]}, "id": {"type": "string"},
        "roles": {"type": "array", "items": {"type": "string"}},
        "expires_at": {"type": "string", "format": "date-time", "description": "Of the token."}}})";
    operation.handler = [](const Call& call, Callback<Reply> done) {
        json::object me{{"kind", name_of(call.principal.kind)},
                        {"id", call.principal.id},
                        {"roles", to_array(call.principal.roles)}};
        if (call.principal.expires_at != 0) {
            me["expires_at"] = to_rfc3339(call.principal.expires_at);
        }
        done(to_reply(me));
    };
    return operation;
}

}  // namespace

Result<> add_user_operations(Operations& operations, const CoreParts& parts) {
    for (auto* make : {register_operation, login_operation, token_operation, me_operation}) {
        if (auto added = operations.add(make(parts.identity)); !added) {
            return added;
        }
    }
    return {};
}

}  // namespace belfry::ops
