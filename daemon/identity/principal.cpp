#include "daemon/identity/principal.hpp"

#include "daemon/identity/strict_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <optional>

namespace belfry {
namespace {

namespace json = boost::json;

constexpr std::array kKinds{PrincipalKind::anonymous, PrincipalKind::user, PrincipalKind::service,
                            PrincipalKind::admin};

std::unexpected<Error> wrong(const std::string& what) {
    return fail(Code::invalid, "principal: expected " + what);
}

Result<std::vector<std::string>> parse_roles(const json::value* roles) {
    std::vector<std::string> parsed;
    if (roles == nullptr || !roles->is_array()) {
        return wrong("an array \"roles\"");
    }
    for (const json::value& role : roles->get_array()) {
        if (!role.is_string()) {
            return wrong("roles that are strings");
        }
        parsed.emplace_back(std::string_view(role.get_string()));
    }
    return parsed;
}

}  // namespace

std::string_view name_of(PrincipalKind kind) {
    switch (kind) {
        case PrincipalKind::anonymous: return "anonymous";
        case PrincipalKind::user: return "user";
        case PrincipalKind::service: return "service";
        case PrincipalKind::admin: return "admin";
    }
    return "unknown";
}

std::optional<PrincipalKind> parse_principal_kind(std::string_view name) {
    const auto* found = std::ranges::find(kKinds, name, [](auto kind) { return name_of(kind); });
    return found == kKinds.end() ? std::nullopt : std::optional(*found);
}

bool Principal::has_role(std::string_view role) const {
    return std::ranges::find(roles, role) != roles.end();
}

bool Principal::is_admin() const { return kind == PrincipalKind::admin || has_role(kRoleAdmin); }

std::string to_json(const Principal& principal) {
    return json::serialize(
        json::object{{"kind", name_of(principal.kind)},
                     {"id", principal.id},
                     {"roles", json::array(principal.roles.begin(), principal.roles.end())}});
}

Result<Principal> parse_principal(std::string_view text) {
    auto value = parse_strict_json(text);
    if (!value) {
        return std::unexpected(value.error());
    }
    const json::object* object = value->if_object();
    if (object == nullptr || object->size() != 3) {
        return wrong("an object of \"kind\", \"id\" and \"roles\"");
    }
    const json::value* kind = object->if_contains("kind");
    const auto known = kind != nullptr && kind->is_string()
                           ? parse_principal_kind(kind->get_string())
                           : std::nullopt;
    if (!known) {
        return wrong("a \"kind\" of anonymous, user, service or admin");
    }
    const json::value* id = object->if_contains("id");
    if (id == nullptr || !id->is_string()) {
        return wrong("a string \"id\"");
    }
    auto roles = parse_roles(object->if_contains("roles"));
    if (!roles) {
        return std::unexpected(roles.error());
    }
    return Principal{*known, std::string(std::string_view(id->get_string())), std::move(*roles)};
}

}  // namespace belfry
