#include "daemon/identity/tokens.hpp"

#include "daemon/identity/base64url.hpp"
#include "daemon/identity/strict_json.hpp"
#include "daemon/mailbox/names.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <optional>

namespace belfry {
namespace {

namespace json = boost::json;

constexpr std::size_t kSignatureBytes = 32;
constexpr std::int64_t kLastSecond = INT64_MAX / kSecond - kTokenSkew / kSecond;
constexpr std::size_t kMostCached = 4096;
constexpr Nanos kCacheTime = 60 * kSecond;

std::unexpected<Error> rejected() {
    return fail(Code::unauthenticated, "the bearer token is not valid");
}

/// The three parts of the compact form (RFC 7515 7.1).
std::optional<std::array<std::string_view, 3>> split(std::string_view token) {
    const auto first = token.find('.');
    const auto last = token.rfind('.');
    if (token.size() > kLongestToken || first == std::string_view::npos || first == last ||
        token.find('.', first + 1) != last) {
        return std::nullopt;
    }
    return std::array{token.substr(0, first), token.substr(first + 1, last - first - 1),
                      token.substr(last + 1)};
}

std::optional<json::object> decode_object(std::string_view part) {
    const auto text = from_base64url(part);
    if (!text) {
        return std::nullopt;
    }
    auto value = parse_strict_json(*text);
    if (!value || !value->is_object()) {
        return std::nullopt;
    }
    return std::move(value->get_object());
}

/// Any further member could change what the token means (RFC 7515 4.1).
bool is_header_good(const json::object& header) {
    const json::value* algorithm = header.if_contains("alg");
    const json::value* type = header.if_contains("typ");
    return algorithm != nullptr && *algorithm == "HS256" && (type == nullptr || *type == "JWT") &&
           header.size() == (type == nullptr ? 1U : 2U);
}

std::optional<std::string_view> text_claim(const json::object& claims, std::string_view name) {
    const json::value* value = claims.if_contains(name);
    return value != nullptr && value->is_string()
               ? std::optional<std::string_view>(value->get_string())
               : std::nullopt;
}

/// Whole seconds since the epoch.
std::optional<Nanos> time_claim(const json::object& claims, std::string_view name) {
    const json::value* value = claims.if_contains(name);
    if (value == nullptr || !value->is_int64() || value->get_int64() < 0 ||
        value->get_int64() > kLastSecond) {
        return std::nullopt;
    }
    return value->get_int64() * kSecond;
}

bool is_audience(const json::object& claims, std::string_view audience) {
    const json::value* value = claims.if_contains("aud");
    if (value == nullptr || !value->is_array()) {
        return text_claim(claims, "aud") == audience;
    }
    const json::array& all = value->get_array();
    return std::ranges::all_of(all, [](const auto& one) { return one.is_string(); }) &&
           std::ranges::any_of(
               all, [&](const json::value& one) { return one.get_string() == audience; });
}

bool is_in_time(const json::object& claims, Nanos now) {
    const auto expires = time_claim(claims, "exp");
    const auto issued = time_claim(claims, "iat");
    const auto begins = claims.contains("nbf") ? time_claim(claims, "nbf") : Nanos{0};
    return expires && issued && begins && now < *expires + kTokenSkew &&
           *issued <= now + kTokenSkew && *begins <= now + kTokenSkew && *issued < *expires;
}

std::optional<Principal> to_principal(const json::object& claims) {
    const auto subject = text_claim(claims, "sub");
    if (!subject || !check_stream(user_stream(*subject))) {
        return std::nullopt;
    }
    Principal principal{.kind = PrincipalKind::user, .id = std::string(*subject), .roles = {}};
    principal.expires_at = time_claim(claims, "exp").value_or(0);
    if (claims.contains("kind")) {
        const auto kind = parse_principal_kind(text_claim(claims, "kind").value_or(""));
        if (!kind || *kind == PrincipalKind::anonymous) {
            return std::nullopt;
        }
        principal.kind = *kind;
    }
    if (const json::value* roles = claims.if_contains("roles")) {
        if (!roles->is_array()) {
            return std::nullopt;
        }
        for (const json::value& role : roles->get_array()) {
            if (!role.is_string()) {
                return std::nullopt;
            }
            principal.roles.emplace_back(std::string_view(role.get_string()));
        }
    }
    return principal;
}

}  // namespace

Tokens::Tokens(TokenParts parts, const Clock& clock) : parts_(std::move(parts)), clock_(clock) {}

std::string Tokens::sign(std::string_view text) const {
    std::string signature(kSignatureBytes, '\0');
    unsigned size = 0;
    const auto* made =
        HMAC(EVP_sha256(), parts_.secret.data(), static_cast<int>(parts_.secret.size()),
             reinterpret_cast<const unsigned char*>(text.data()), text.size(),
             reinterpret_cast<unsigned char*>(signature.data()), &size);
    return made == nullptr || size != kSignatureBytes ? std::string{} : signature;
}

IssuedToken Tokens::issue(const Principal& principal, Nanos lifetime) const {
    const Nanos issued = clock_.now() / kSecond;
    const Nanos wanted = lifetime > 0 ? lifetime : parts_.lifetime;
    const Nanos expires =
        std::min(issued + std::max<Nanos>(std::min(wanted, kLastSecond * kSecond) / kSecond, 1),
                 kLastSecond);
    const json::object claims{
        {"iss", parts_.issuer},
        {"aud", parts_.audience},
        {"sub", principal.id},
        {"kind", name_of(principal.kind)},
        {"roles", json::array(principal.roles.begin(), principal.roles.end())},
        {"iat", issued},
        {"exp", expires}};
    std::string text = to_base64url(R"({"alg":"HS256","typ":"JWT"})") + '.' +
                       to_base64url(json::serialize(claims));
    text += '.' + to_base64url(sign(text));
    return {std::move(text), expires * kSecond};
}

Result<Principal> Tokens::verify(std::string_view token) const {
    const auto parts = split(token);
    if (!parts) {
        return rejected();
    }
    const auto& [header, claims, signature] = *parts;
    const auto given = from_base64url(signature);
    const std::string expected = sign(token.substr(0, header.size() + 1 + claims.size()));
    if (!given || given->size() != kSignatureBytes || expected.size() != kSignatureBytes ||
        CRYPTO_memcmp(given->data(), expected.data(), kSignatureBytes) != 0) {
        return rejected();
    }
    const auto head = decode_object(header);
    const auto body = decode_object(claims);
    if (!head || !is_header_good(*head) || !body ||
        text_claim(*body, "iss") != std::string_view(parts_.issuer) ||
        !is_audience(*body, parts_.audience) || !is_in_time(*body, clock_.now())) {
        return rejected();
    }
    auto principal = to_principal(*body);
    return principal ? Result<Principal>(std::move(*principal)) : rejected();
}

Result<Principal> TokenCache::verify(std::string_view token) {
    const Nanos now = clock_.now();
    {
        const std::lock_guard lock(mutex_);
        if (const auto found = known_.find(token); found != known_.end()) {
            if (now < found->second.until) {
                return found->second.principal;
            }
            known_.erase(found);
        }
    }
    auto principal = tokens_.verify(token);
    if (!principal || principal->expires_at <= now) {
        return principal;
    }
    const std::lock_guard lock(mutex_);
    if (known_.size() >= kMostCached) {
        std::erase_if(known_, [&](const auto& one) { return one.second.until <= now; });
    }
    if (known_.size() >= kMostCached) {
        known_.clear();
    }
    known_.insert_or_assign(std::string(token),
                            Known{*principal, std::min(now + kCacheTime, principal->expires_at)});
    return principal;
}

}  // namespace belfry
