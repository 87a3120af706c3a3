#include "daemon/identity/tokens.hpp"

#include "daemon/base/random.hpp"
#include "daemon/identity/base64url.hpp"
#include "tests/unit/identity/support.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace belfry::test {
namespace {

namespace json = boost::json;

const std::string kSecret(32, 's');
const std::string kHeader = R"({"alg":"HS256","typ":"JWT"})";

TokenParts token_parts() { return {"belfry", "belfry", kSecret, 3600 * kSecond}; }

std::string hmac(const EVP_MD* digest, const std::string& key, const std::string& text) {
    std::string signature(EVP_MAX_MD_SIZE, '\0');
    unsigned size = 0;
    HMAC(digest, key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         reinterpret_cast<unsigned char*>(signature.data()), &size);
    signature.resize(size);
    return signature;
}

/// Signed with the right key: only what is signed can be wrong.
std::string sign(const std::string& header, const std::string& claims) {
    const std::string text = to_base64url(header) + '.' + to_base64url(claims);
    return text + '.' + to_base64url(hmac(EVP_sha256(), kSecret, text));
}

json::object good_claims() {
    constexpr Nanos kSeconds = kNow / kSecond;
    return {{"iss", "belfry"},      {"aud", "belfry"}, {"sub", "alice"},        {"iat", kSeconds},
            {"exp", kSeconds + 60}, {"kind", "user"},  {"roles", json::array{}}};
}

std::string with(std::string_view name, const json::value& value) {
    json::object claims = good_claims();
    claims[name] = value;
    return sign(kHeader, json::serialize(claims));
}

std::string without(std::string_view name) {
    json::object claims = good_claims();
    claims.erase(name);
    return sign(kHeader, json::serialize(claims));
}

std::string headed(const std::string& header) {
    return sign(header, json::serialize(good_claims()));
}

std::string claiming(const std::string& claims) { return sign(kHeader, claims); }

struct Vector {
    std::string what;
    std::string token;
};

std::vector<Vector> bad_headers() {
    const std::string good = json::serialize(good_claims());
    std::vector<Vector> vectors;
    for (const std::string header : {R"({"alg":"none"})",
                                     R"({"alg":"None"})",
                                     R"({"alg":"nOnE"})",
                                     R"({"alg":""})",
                                     R"({})",
                                     R"({"typ":"JWT"})",
                                     R"({"alg":["HS256"]})",
                                     R"({"alg":"HS512"})",
                                     R"({"alg":"HS384"})",
                                     R"({"alg":"hs256"})",
                                     R"({"alg":"HS256 "})",
                                     R"({"alg":"RS256"})",
                                     R"({"alg":"PS256"})",
                                     R"({"alg":"ES256"})",
                                     R"({"alg":"EdDSA"})",
                                     R"({"alg":null})",
                                     R"({"alg":256})",
                                     R"({"alg":"HS256","typ":"JWE"})",
                                     R"({"alg":"HS256","typ":"at+jwt"})",
                                     R"({"alg":"HS256","typ":"jwt"})",
                                     R"({"alg":"HS256","typ":1})",
                                     R"({"alg":"HS256","kid":"../../dev/null"})",
                                     R"({"alg":"HS256","kid":"' OR 1=1"})",
                                     R"({"alg":"HS256","kid":"a\u0000b"})",
                                     R"({"alg":"HS256","kid":1})",
                                     R"({"alg":"HS256","jwk":{"kty":"oct","k":"c3Nzc3Nz"}})",
                                     R"({"alg":"HS256","jku":"https://evil.example/keys"})",
                                     R"({"alg":"HS256","x5u":"https://evil.example/cert"})",
                                     R"({"alg":"HS256","x5c":["MIIB"]})",
                                     R"({"alg":"HS256","crit":["exp"]})",
                                     R"({"alg":"HS256","crit":[]})",
                                     R"({"alg":"HS256","b64":false,"crit":["b64"]})",
                                     R"({"alg":"HS256","zip":"DEF"})",
                                     R"({"alg":"HS256","cty":"JWT"})",
                                     R"({"alg":"dir","enc":"A256GCM"})",
                                     R"({"alg":"none","alg":"HS256"})",
                                     R"({"alg":"HS256","alg":"HS256"})",
                                     R"({"alg":"HS256","\u0061lg":"HS256"})",
                                     R"(["HS256"])",
                                     R"("HS256")",
                                     "null",
                                     "",
                                     "{",
                                     R"({"alg":"HS256"}x)",
                                     "\xff"}) {
        vectors.push_back({"header " + header, headed(header)});
    }
    vectors.push_back({"a kid of 10 KiB",
                       headed(R"({"alg":"HS256","kid":")" + std::string(10'240, 'k') + "\"}")});
    vectors.push_back({"none without signature",
                       to_base64url(R"({"alg":"none"})") + '.' + to_base64url(good) + '.'});
    return vectors;
}

std::vector<Vector> bad_claims() {
    constexpr Nanos kSeconds = kNow / kSecond;
    std::vector<Vector> vectors;
    for (const char* name : {"exp", "iat", "iss", "aud", "sub"}) {
        vectors.push_back({std::string("no ") + name, without(name)});
    }
    const auto add = [&](const char* name, const json::value& value) {
        vectors.push_back({std::string(name) + " = " + json::serialize(value), with(name, value)});
    };
    for (const json::value& time :
         {json::value("1800000060"), json::value(1.80000006e9), json::value(-1),
          json::value(9'223'372'036'854'775'808ULL), json::value(INT64_MAX), json::value(nullptr),
          json::value(true), json::value(json::array{kSeconds + 60})}) {
        add("exp", time);
    }
    add("exp", kSeconds - 31);
    add("exp", 0);
    add("iat", kSeconds + 31);
    add("iat", "1800000000");
    add("iat", kSeconds + 20.5);
    add("iat", -5);
    add("nbf", kSeconds + 31);
    add("nbf", "0");
    add("iss", "belfry/");
    add("iss", "Belfry");
    add("iss", json::array{"belfry"});
    add("aud", "other");
    add("aud", "BELFRY");
    add("aud", json::array{"other"});
    add("aud", json::array{});
    add("aud", json::array{"belfry", 1});
    add("aud", json::object{{"belfry", true}});
    add("sub", "");
    add("sub", 7);
    add("sub", "al\nice");
    add("sub", "al ice");
    add("sub", json::string(std::string(201, 'a')));
    add("kind", "root");
    add("kind", "anonymous");
    add("kind", 1);
    add("roles", "admin");
    add("roles", json::array{1});
    add("roles", json::object{{"admin", true}});
    std::string twice = json::serialize(good_claims());
    twice.insert(1, R"("sub":"mallory",)");
    vectors.push_back({"sub twice", claiming(twice)});
    vectors.push_back({"NaN", claiming(R"({"exp":NaN})")});
    vectors.push_back({"claims are an array", claiming("[]")});
    vectors.push_back({"claims are empty", claiming("")});
    vectors.push_back({"claims are a token", claiming(with("sub", "bob"))});
    vectors.push_back({"claims are nested too deep",
                       claiming(R"({"x":)" + std::string(100, '[') + std::string(100, ']') + "}")});
    return vectors;
}

std::vector<Vector> bad_encodings() {
    const std::string good = sign(kHeader, json::serialize(good_claims()));
    const std::string text = good.substr(0, good.rfind('.'));
    const std::string signature = good.substr(good.rfind('.') + 1);
    std::string last_bits = good;
    last_bits.back() = last_bits.back() == 'A' ? 'B' : static_cast<char>(last_bits.back() + 1);
    return {
        {"empty", ""},
        {"dots", ".."},
        {"one dot", text},
        {"three dots", good + ".x"},
        {"five parts", good + ".x.y"},
        {"padded", good + "="},
        {"leading space", " " + good},
        {"trailing newline", good + "\n"},
        {"Bearer inside", "Bearer " + good},
        {"standard alphabet", text + "." + std::string(signature.size() - 1, '+') + '/'},
        {"other last bits", last_bits},
        {"no header", good.substr(good.find('.'))},
        {"no claims", good.substr(0, good.find('.') + 1) + "." + signature},
        {"no signature", text + "."},
        {"truncated signature", good.substr(0, good.size() - 4)},
        {"longer signature", good + "AAAA"},
        {"signature of zeros", text + "." + to_base64url(std::string(32, '\0'))},
        {"signed with HS512", text + "." + to_base64url(hmac(EVP_sha512(), kSecret, text))},
        {"signed with the empty key", text + "." + to_base64url(hmac(EVP_sha256(), "", text))},
        {"signed with another key",
         text + "." + to_base64url(hmac(EVP_sha256(), std::string(32, 't'), text))},
        {"signed with a public key",
         text + "." + to_base64url(hmac(EVP_sha256(), "-----BEGIN PUBLIC KEY-----\n", text))},
        {"signed with a NUL more",
         text + "." + to_base64url(hmac(EVP_sha256(), kSecret + '\0' + 'x', text))},
        {"JSON serialization", R"({"payload":"e30","signatures":[]})"},
        {"1 MiB", std::string(1 << 20U, 'a') + "." + signature},
        {"not ASCII", "\xc3\xa4." + good.substr(good.find('.') + 1)},
        {"NUL", good + std::string(1, '\0')},
    };
}

class TokensTest : public ::testing::Test {
protected:
    FixedClock clock_;
    Tokens tokens_{token_parts(), clock_};
};

TEST_F(TokensTest, TakesWhatItIssued) {
    const auto issued = tokens_.issue({PrincipalKind::service, "shop", {"producer"}}, 90 * kSecond);
    EXPECT_EQ(issued.expires_at, kNow + 90 * kSecond);
    const auto principal = tokens_.verify(issued.text);
    ASSERT_TRUE(principal);
    EXPECT_EQ(*principal,
              (Principal{PrincipalKind::service, "shop", {"producer"}, issued.expires_at}));
}

TEST_F(TokensTest, TakesGoodTokensOfOthers) {
    for (const std::string& token :
         {sign(kHeader, json::serialize(good_claims())), headed(R"({"alg":"HS256"})"),
          headed(R"( { "typ" : "JWT" , "alg" : "HS256" } )"), without("kind"), without("roles"),
          with("aud", json::array{"other", "belfry"}), with("jti", "x"), with("sub", "\xc3\xa4"),
          with("nbf", kNow / kSecond + 30)}) {
        EXPECT_TRUE(tokens_.verify(token)) << token;
    }
}

TEST_F(TokensTest, AllowsHalfAMinuteOfSkew) {
    const auto issued = tokens_.issue({PrincipalKind::user, "alice", {}}, 60 * kSecond);
    clock_.moved = 60 * kSecond + 29 * kSecond;
    EXPECT_TRUE(tokens_.verify(issued.text));
    clock_.moved = 60 * kSecond + 30 * kSecond;
    EXPECT_FALSE(tokens_.verify(issued.text));
    clock_.moved = -30 * kSecond;
    EXPECT_TRUE(tokens_.verify(issued.text));
    clock_.moved = -31 * kSecond;
    EXPECT_FALSE(tokens_.verify(issued.text));
}

TEST_F(TokensTest, RejectsEveryBadTokenAlike) {
    std::vector<Vector> vectors;
    for (auto make : {bad_headers, bad_claims, bad_encodings}) {
        for (auto& vector : make()) {
            vectors.push_back(std::move(vector));
        }
    }
    EXPECT_GE(vectors.size(), 70U);
    for (const Vector& vector : vectors) {
        const auto principal = tokens_.verify(vector.token);
        ASSERT_FALSE(principal) << vector.what;
        EXPECT_EQ(principal.error().code, Code::unauthenticated) << vector.what;
        EXPECT_EQ(principal.error().message, tokens_.verify("").error().message) << vector.what;
    }
}

TEST_F(TokensTest, RejectsEveryFlippedBit) {
    for (int i = 0; i < 20; ++i) {
        const auto issued =
            tokens_.issue({PrincipalKind::user, "user-" + std::to_string(i), {"producer"}});
        ASSERT_TRUE(tokens_.verify(issued.text));
        for (std::size_t bit = 0; bit < issued.text.size() * 8; ++bit) {
            std::string flipped = issued.text;
            flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
            EXPECT_FALSE(tokens_.verify(flipped)) << flipped;
        }
    }
}

TEST_F(TokensTest, CacheForgetsInTime) {
    TokenCache cache(tokens_, clock_);
    const auto issued = tokens_.issue({PrincipalKind::user, "alice", {}}, 45 * kSecond);
    EXPECT_TRUE(cache.verify(issued.text));
    EXPECT_TRUE(cache.verify(issued.text));
    clock_.moved = 45 * kSecond + kTokenSkew;
    EXPECT_FALSE(cache.verify(issued.text));
    EXPECT_FALSE(cache.verify("a.b.c"));
    for (int i = 0; i < 10'000; ++i) {
        EXPECT_TRUE(cache.verify(
            tokens_.issue({PrincipalKind::user, "u" + std::to_string(i), {}}, 60 * kSecond).text));
    }
}

}  // namespace
}  // namespace belfry::test
