/// Who is asking.
#pragma once

#include "daemon/base/error.hpp"
#include "daemon/base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace belfry {

enum class PrincipalKind : std::uint8_t { anonymous, user, service, admin };
std::string_view name_of(PrincipalKind kind);
/// Nothing for a name that name_of does not give.
std::optional<PrincipalKind> parse_principal_kind(std::string_view name);

inline constexpr std::string_view kRoleAdmin = "admin";        ///< may do everything
inline constexpr std::string_view kRoleProducer = "producer";  ///< may publish

struct Principal {
    PrincipalKind kind = PrincipalKind::anonymous;
    std::string id;  ///< empty for anonymous, and for an admin that is no user
    std::vector<std::string> roles;
    Nanos expires_at = 0;  ///< when the proof of who this is ends; 0 = never

    /// What the daemon trusts without proof: the control socket.
    static Principal admin() {
        return {.kind = PrincipalKind::admin, .id = {}, .roles = {std::string(kRoleAdmin)}};
    }

    [[nodiscard]] bool is_anonymous() const { return kind == PrincipalKind::anonymous; }
    [[nodiscard]] bool is_admin() const;
    [[nodiscard]] bool has_role(std::string_view role) const;
    bool operator==(const Principal&) const = default;
};

/// {"kind","id","roles"}.
std::string to_json(const Principal& principal);
/// `invalid` for text that to_json would not have written.
Result<Principal> parse_principal(std::string_view text);

}  // namespace belfry
