#include "daemon/net/router.hpp"

#include "tests/unit/net/support.hpp"

#include <gtest/gtest.h>

namespace belfry::net::test {
namespace {

/// Answers with its name and what the path's parameters matched.
RequestHandler named(const std::string& name) {
    return [name](const Request& request, Exchange exchange) {
        std::string body = name;
        for (const auto& [parameter, value] : request.params) {
            body += ' ' + parameter + '=' + value;
        }
        exchange.respond({.headers = {}, .body = body});
    };
}

class RouterTest : public testing::Test {
protected:
    void add(const std::string& method, const std::string& path, const std::string& name) {
        const auto added = router_.add(method, path, named(name));
        EXPECT_TRUE(added) << added.error().message;
    }
    std::string ask(const std::string& method, const std::string& target) {
        Client client = server_.connect();
        client.send(method + ' ' + target + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        return client.rest();
    }
    std::string body(const std::string& method, const std::string& target) {
        return body_of(ask(method, target));
    }

    Router router_;
    Server server_{[this](Request request, Exchange exchange) {
        router_.dispatch(std::move(request), std::move(exchange));
    }};
};

TEST_F(RouterTest, FindsPathsAndParameters) {
    add("GET", "/", "root");
    add("GET", "/users/{user}/posts/{post}", "post");
    add("GET", "/users/{user}", "user");
    EXPECT_EQ(body("GET", "/"), "root");
    EXPECT_EQ(body("GET", "/users/a%20b"), "user user=a b");
    EXPECT_EQ(body("GET", "/users/u/posts/7?x=1"), "post user=u post=7");
}

TEST_F(RouterTest, FixedSegmentsWinAndParametersCatchTheRest) {
    add("GET", "/a/{x}/c", "parameter");
    add("GET", "/a/b/d", "fixed");
    add("GET", "/{any}/b/c", "first");
    EXPECT_EQ(body("GET", "/a/b/d"), "fixed");
    EXPECT_EQ(body("GET", "/a/b/c"), "parameter x=b");
    EXPECT_EQ(body("GET", "/z/b/c"), "first any=z");
}

TEST_F(RouterTest, KnowsNothingElse) {
    add("GET", "/a/{x}", "a");
    for (const char* path :
         {"/", "/a", "/a/", "/a//", "/a/b/", "/a/b/c", "/A/b", "/a%2fb%2fc", "//a/b"}) {
        EXPECT_EQ(status_of(ask("GET", path)), "404") << path;
    }
    EXPECT_EQ(body("GET", "/a%2Fb"), "a x=b");
}

TEST_F(RouterTest, TellsWhatAPathAllows) {
    add("POST", "/a", "post");
    add("GET", "/a", "get");
    const std::string refused = ask("DELETE", "/a");
    EXPECT_EQ(status_of(refused), "405");
    EXPECT_NE(refused.find("\r\nallow: GET, HEAD, POST\r\n"), std::string::npos) << refused;
    EXPECT_EQ(status_of(ask("get", "/a")), "405");
}

TEST_F(RouterTest, ServesHeadByGet) {
    add("GET", "/a", "get");
    const std::string head = ask("HEAD", "/a");
    EXPECT_EQ(status_of(head), "200");
    EXPECT_TRUE(head.ends_with("\r\n\r\n"));
}

TEST_F(RouterTest, AnEmptyMethodTakesWhatIsLeft) {
    add("", "/a", "any");
    add("GET", "/a", "get");
    EXPECT_EQ(body("GET", "/a"), "get");
    EXPECT_EQ(body("BREW", "/a"), "any");
}

TEST_F(RouterTest, RefusesConflicts) {
    add("GET", "/a/{x}", "a");
    add("POST", "/a/{y}", "other names for another method");
    EXPECT_EQ(body("POST", "/a/1"), "other names for another method y=1");
    for (const char* path : {"/a/{x}", "/a/{z}"}) {
        const auto again = router_.add("GET", path, named("b"));
        ASSERT_FALSE(again) << path;
        EXPECT_EQ(again.error().code, Code::conflict);
        EXPECT_NE(again.error().message.find(path), std::string::npos);
    }
    EXPECT_EQ(router_.add("GET", "a", named("b")).error().code, Code::invalid);
    EXPECT_EQ(router_.add("GET", "", named("b")).error().code, Code::invalid);
}

}  // namespace
}  // namespace belfry::net::test
