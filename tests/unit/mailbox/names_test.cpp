#include "daemon/mailbox/names.hpp"

#include "daemon/mailbox/token.hpp"

#include <gtest/gtest.h>

namespace belfry {
namespace {

TEST(Token, PrintsAndParses) {
    EXPECT_EQ((Token{0, 0}.print()), "0.0");
    EXPECT_EQ((Token{33, 31}.print()), "11.z");
    for (const Token token :
         {Token{0, 0}, Token{1, 2}, Token{UINT64_MAX, UINT64_MAX}, Token{7, 0}}) {
        EXPECT_EQ(Token::parse(token.print()), token);
    }
}

TEST(Token, RefusesWhatItWouldNotPrint) {
    for (const char* text : {"", ".", "1", "1.", ".1", "1.2.3", "01.2", "1.02", "1.I", "A.1",
                             " 1.2", "1.2 ", "1,2", "-1.2", "1.zzzzzzzzzzzzz", "latest"}) {
        EXPECT_EQ(Token::parse(text), std::nullopt) << text;
    }
}

TEST(StreamNames, AreUsersAndTopics) {
    EXPECT_EQ(user_stream("alice"), "user:alice");
    EXPECT_EQ(topic_stream("news/eu"), "topic:news/eu");
    for (const std::string& name :
         {std::string("user:a"), std::string("topic:a:b"), std::string("user:\xc3\xa4@x.y"),
          "user:" + std::string(200, 'a')}) {
        EXPECT_TRUE(check_stream(name)) << name;
    }
}

TEST(StreamNames, RefusesTheRest) {
    for (const std::string& name :
         {std::string(), std::string("user"), std::string("user:"), std::string(":a"),
          std::string("User:a"), std::string("group:a"), std::string("a:user:b"),
          std::string("user:a b"), std::string("user:a\""), std::string("user:a\\b"),
          std::string("user:a\n"), std::string("user:\x7f"), std::string("user:a\0b", 8),
          std::string("user:\xff"), std::string("topic:\xc3"), "user:" + std::string(201, 'a')}) {
        const auto checked = check_stream(name);
        ASSERT_FALSE(checked) << name;
        EXPECT_EQ(checked.error().code, Code::invalid);
    }
}

}  // namespace
}  // namespace belfry
