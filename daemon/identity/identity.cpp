#include "daemon/identity/identity.hpp"

#include <algorithm>
#include <utility>

namespace belfry {
namespace {

constexpr std::string_view kScheme = "bearer";

bool is_same_letter(char left, char right) { return (left | 0x20) == right; }

}  // namespace

Result<std::unique_ptr<Identity>> Identity::make(const config::IdentitySettings& settings,
                                                 std::string secret, const IdentityParts& parts) {
    auto passwords = Passwords::make(settings.passwords);
    if (!passwords) {
        return std::unexpected(passwords.error());
    }
    return std::unique_ptr<Identity>(
        new Identity(settings, std::move(secret), parts, std::move(*passwords)));
}

Identity::Identity(const config::IdentitySettings& settings, std::string secret,
                   const IdentityParts& parts, std::unique_ptr<Passwords> passwords)
    : is_registration_open_(settings.is_registration_open),
      tokens_({settings.tokens.issuer, settings.tokens.audience, std::move(secret),
               settings.tokens.lifetime},
              parts.clock),
      cache_(tokens_, parts.clock), passwords_(std::move(passwords)),
      users_({parts.core, parts.ingest, parts.storage, parts.clock, *passwords_, tokens_}) {}

Result<Principal> Identity::authenticate_header(std::string_view authorization) {
    if (authorization.empty()) {
        return Principal{};
    }
    const auto space = authorization.find(' ');
    if (space != kScheme.size() ||
        !std::ranges::equal(authorization.substr(0, space), kScheme, is_same_letter)) {
        return fail(Code::unauthenticated, "Authorization: expected \"Bearer\" and a token");
    }
    return authenticate(authorization.substr(space + 1));
}

}  // namespace belfry
