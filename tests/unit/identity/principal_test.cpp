#include "daemon/identity/principal.hpp"

#include "daemon/identity/base64url.hpp"
#include "daemon/identity/strict_json.hpp"
#include "daemon/identity/tokens.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace belfry::test {
namespace {

TEST(PrincipalTest, GoesToJsonAndBack) {
    const Principal principal{PrincipalKind::service, "shop \"x\"", {"producer", "admin"}};
    const auto parsed = parse_principal(to_json(principal));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, principal);
    EXPECT_TRUE(principal.is_admin());
    EXPECT_FALSE(Principal{}.is_admin());
    EXPECT_TRUE(Principal::admin().is_admin());
}

TEST(PrincipalTest, RefusesOtherJson) {
    for (const char* text :
         {"", "{}", "[]", R"({"kind":"user","id":"a"})", R"({"kind":"root","id":"a","roles":[]})",
          R"({"kind":"user","id":1,"roles":[]})", R"({"kind":"user","id":"a","roles":[1]})",
          R"({"kind":"user","id":"a","roles":[],"x":1})",
          R"({"kind":"user","kind":"admin","id":"a","roles":[]})"}) {
        EXPECT_FALSE(parse_principal(text)) << text;
    }
}

TEST(StrictJsonTest, RefusesWhatCanBeReadInTwoWays) {
    for (const char* text : {"", " ", "{", R"({"a":1,"a":1})", R"({"a":1,"\u0061":2})",
                             R"({"x":[{"a":{"b":1,"b":2}}]})", "[1,]", "01", "\"\xff\"", "1 2",
                             "\xef\xbb\xbf{}", R"("\ud800")", "nul"}) {
        EXPECT_FALSE(parse_strict_json(text)) << text;
    }
    EXPECT_FALSE(parse_strict_json(std::string(33, '[') + std::string(33, ']')));
    EXPECT_FALSE(parse_strict_json(std::string(1'000'000, '[')));
}

TEST(StrictJsonTest, TakesTheRest) {
    for (const char* text : {"{}", "[]", "0", R"({"a:b":"c:d\":","a":{"a":[{"a":1},{"a":2}]}})",
                             R"({"\\":1,"\"":2})", "\"\xc3\xa4\""}) {
        EXPECT_TRUE(parse_strict_json(text)) << text;
    }
    EXPECT_TRUE(parse_strict_json(std::string(32, '[') + std::string(32, ']')));
}

TEST(Base64UrlTest, HasOneTextForEachValue) {
    for (const std::string bytes : {"", "f", "fo", "foo", "foob", "fooba", "foobar"}) {
        EXPECT_EQ(from_base64url(to_base64url(bytes)), bytes);
    }
    EXPECT_EQ(to_base64url("\xfb\xff"), "-_8");
    for (const char* text : {"A", "-_9", "Zg==", "Z g", "+/8", "Zh"}) {
        EXPECT_FALSE(from_base64url(text)) << text;
    }
}

class TokenSecretTest : public ::testing::Test {
protected:
    TokenSecretTest() {
        std::string pattern = (std::filesystem::temp_directory_path() / "belfry-XXXXXX").string();
        directory_ = mkdtemp(pattern.data());
    }
    ~TokenSecretTest() override { std::filesystem::remove_all(directory_); }

    Result<std::string> obtain(const std::string& configured = {}) {
        config::TokenSettings settings;
        settings.secret = config::Secret(configured);
        return obtain_token_secret(settings, directory_, system_random());
    }

    std::string directory_;
};

TEST_F(TokenSecretTest, IsMadeOnceAndKept) {
    const auto made = obtain();
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_GE(made->size(), kShortestSecret);
    EXPECT_EQ(obtain().value_or(""), *made);
    struct stat about{};
    ASSERT_EQ(stat((directory_ + "/token-secret").c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777U, 0600U);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory_), {}), 1);
}

TEST_F(TokenSecretTest, IsTakenFromTheProfile) {
    EXPECT_EQ(obtain(std::string(40, 'x')).value_or(""), std::string(40, 'x'));
    EXPECT_FALSE(obtain(std::string(31, 'x')));
    EXPECT_TRUE(std::filesystem::is_empty(directory_));
}

TEST_F(TokenSecretTest, IsNotReadFromAFileOthersCanRead) {
    ASSERT_TRUE(obtain());
    chmod((directory_ + "/token-secret").c_str(), 0644);
    const auto read = obtain();
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, Code::refused);
}

TEST_F(TokenSecretTest, IsNotTakenFromATruncatedFile) {
    std::ofstream(directory_ + "/token-secret") << "short";
    chmod((directory_ + "/token-secret").c_str(), 0600);
    EXPECT_FALSE(obtain());
    directory_ += "/nowhere";
    EXPECT_FALSE(obtain());
    directory_ = directory_.substr(0, directory_.rfind('/'));
}

}  // namespace
}  // namespace belfry::test
