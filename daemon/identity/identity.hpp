/// Who is who: the face of this folder.
#pragma once

#include "daemon/config/profile.hpp"
#include "daemon/identity/passwords.hpp"
#include "daemon/identity/principal.hpp"
#include "daemon/identity/tokens.hpp"
#include "daemon/identity/users.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace belfry {

/// What identity works with; all of it outlives Identity.
struct IdentityParts {
    Executor& core;
    Ingest& ingest;
    Storage& storage;
    const Clock& clock;
};

/// Any thread.
class Identity {
public:
    /// `secret`: see obtain_token_secret. Blocks for the time of one password hash; fails as
    /// Passwords::make does.
    static Result<std::unique_ptr<Identity>> make(const config::IdentitySettings& settings,
                                                  std::string secret, const IdentityParts& parts);

    /// Ends the password threads; their last answers are posted to `core` before it returns.
    void close() { passwords_->close(); }

    /// Who holds this bearer token; `unauthenticated` for every token that is not good.
    [[nodiscard]] Result<Principal> authenticate(std::string_view bearer) {
        return cache_.verify(bearer);
    }
    /// The token of an Authorization header (RFC 6750 2.1); without the header, anonymous.
    [[nodiscard]] Result<Principal> authenticate_header(std::string_view authorization);

    Users& users() { return users_; }
    [[nodiscard]] const Tokens& tokens() const { return tokens_; }
    [[nodiscard]] bool is_registration_open() const { return is_registration_open_; }

private:
    Identity(const config::IdentitySettings& settings, std::string secret,
             const IdentityParts& parts, std::unique_ptr<Passwords> passwords);

    const bool is_registration_open_;
    Tokens tokens_;
    TokenCache cache_;
    std::unique_ptr<Passwords> passwords_;
    Users users_;
};

}  // namespace belfry
