/// Bearer tokens: JWT (RFC 7519) signed with HS256 and nothing else (RFC 8725).
#pragma once

#include "daemon/base/random.hpp"
#include "daemon/base/time.hpp"
#include "daemon/config/profile.hpp"
#include "daemon/identity/principal.hpp"

#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace belfry {

constexpr std::size_t kLongestToken = 8 * 1024;
constexpr std::size_t kShortestSecret = 32;  ///< bytes (RFC 7518 3.2)
constexpr Nanos kTokenSkew = 30 * kSecond;

struct IssuedToken {
    std::string text;
    Nanos expires_at = 0;
};

struct TokenParts {
    std::string issuer;
    std::string audience;
    std::string secret;
    Nanos lifetime = 0;  ///< where the caller names none
};

/// Any thread.
class Tokens {
public:
    /// `clock` outlives this.
    Tokens(TokenParts parts, const Clock& clock);

    /// For principal's id, kind and roles; `lifetime` 0 = the configured one. Whole seconds.
    [[nodiscard]] IssuedToken issue(const Principal& principal, Nanos lifetime = 0) const;
    /// Every failure is the same `unauthenticated`, whatever was wrong.
    [[nodiscard]] Result<Principal> verify(std::string_view token) const;

private:
    [[nodiscard]] std::string sign(std::string_view text) const;

    const TokenParts parts_;
    const Clock& clock_;
};

/// Remembers verified tokens for at most a minute, never beyond their end. Bounded; any thread.
class TokenCache {
public:
    TokenCache(const Tokens& tokens, const Clock& clock) : tokens_(tokens), clock_(clock) {}
    [[nodiscard]] Result<Principal> verify(std::string_view token);

private:
    struct Known {
        Principal principal;
        Nanos until = 0;
    };
    struct Hash : std::hash<std::string_view> {
        using is_transparent = void;  // NOLINT(readability-identifier-naming)
    };

    const Tokens& tokens_;
    const Clock& clock_;
    std::mutex mutex_;
    std::unordered_map<std::string, Known, Hash, std::equal_to<>> known_;
};

/// The configured secret, or the one kept in the state directory (file "token-secret", mode 0600,
/// made at the first start). `invalid` for a secret of fewer than kShortestSecret bytes.
Result<std::string> obtain_token_secret(const config::TokenSettings& settings,
                                        const std::string& state_directory, Random& random);

}  // namespace belfry
