#include "tests/unit/ops/world.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>
#include <gtest/gtest.h>

namespace belfry::test {
namespace {

namespace json = boost::json;

class MailboxTest : public ::testing::Test {
protected:
    std::string publish(const std::string& user, const std::string& title,
                        const std::string& type = "t") {
        const auto answer = world_.control({.method = "POST",
                                            .target = "/v1/notifications",
                                            .body = R"({"to":"user:)" + user + R"(","title":")" +
                                                    title + R"(","type":")" + type + "\"}"});
        EXPECT_EQ(answer.status, 201U) << answer.body;
        return json::value_to<std::string>(json::parse(answer.body).at("id"));
    }
    HttpAnswer get(const std::string& target, const std::string& user = "alice") {
        return world_.call({.target = target, .token = world_.token(user)});
    }
    HttpAnswer read(const std::string& body, const std::string& user = "alice") {
        return world_.call({.method = "POST",
                            .target = "/v1/mailbox/read",
                            .body = body,
                            .token = world_.token(user)});
    }
    std::vector<std::string> titles(const HttpAnswer& answer) {
        std::vector<std::string> found;
        const json::value page = json::parse(answer.body);
        for (const auto& entry : page.at("entries").as_array()) {
            found.push_back(json::value_to<std::string>(entry.at("title")));
        }
        return found;
    }

    World world_;
};

using Titles = std::vector<std::string>;

TEST_F(MailboxTest, ListsNewestFirstAndPagesOnStably) {
    for (const char* title : {"a", "b", "c", "d", "e"}) {
        publish("alice", title);
    }
    const auto first = get("/v1/mailbox?limit=2");
    EXPECT_EQ(titles(first), (Titles{"e", "d"}));
    const std::string next = json::value_to<std::string>(json::parse(first.body).at("next_cursor"));
    const std::string link = "link: </v1/mailbox?cursor=" + next + "&limit=2>; rel=\"next\"\r\n";
    EXPECT_TRUE(first.head.contains(link)) << first.head;
    publish("alice", "f");
    const auto second = get("/v1/mailbox?cursor=" + next + "&limit=2");
    EXPECT_EQ(titles(second), (Titles{"c", "b"}));
    const auto third = get("/v1/mailbox?limit=2&cursor=" +
                           json::value_to<std::string>(json::parse(second.body).at("next_cursor")));
    EXPECT_EQ(titles(third), (Titles{"a"}));
    EXPECT_FALSE(json::parse(third.body).as_object().contains("next_cursor"));
    EXPECT_FALSE(third.head.contains("link:"));
}

TEST_F(MailboxTest, Filters) {
    publish("alice", "a", "order");
    publish("alice", "b", "chat");
    publish("alice", "c", "order");
    EXPECT_EQ(titles(get("/v1/mailbox?type=order")), (Titles{"c", "a"}));
    EXPECT_EQ(read(R"({"seqs":[3]})").status, 200U);
    EXPECT_EQ(titles(get("/v1/mailbox?unread=true")), (Titles{"b", "a"}));
    EXPECT_EQ(titles(get("/v1/mailbox?unread=true&type=order")), (Titles{"a"}));
    EXPECT_EQ(titles(get("/v1/mailbox?unread=false")), (Titles{"c", "b", "a"}));
}

TEST_F(MailboxTest, RefusesWrongQueries) {
    for (const char* query :
         {"limit=0", "limit=201", "limit=x", "limit=-1", "limit=1&limit=2", "unread=yes",
          "cursor=x", "cursor=1.0", "page=2", "limit=%zz", "limit=9999999999999999999999"}) {
        EXPECT_EQ(get("/v1/mailbox?" + std::string(query)).status, 422U) << query;
    }
    publish("alice", "a");
    EXPECT_EQ(get("/v1/mailbox?cursor=77.5").status, 410U);
}

TEST_F(MailboxTest, IsEmptyBeforeAnythingCame) {
    EXPECT_EQ(get("/v1/mailbox").body, R"({"entries":[],"unread":0})");
    EXPECT_EQ(get("/v1/mailbox/unread").body, R"({"unread":0,"token":"0.0"})");
    EXPECT_EQ(read(R"({"seqs":[1]})").body, R"({"changed":0,"unread":0})");
}

TEST_F(MailboxTest, GivesOneById) {
    const std::string id = publish("alice", "a");
    publish("alice", "b");
    const auto entry = json::parse(get("/v1/mailbox/" + id).body);
    EXPECT_EQ(entry.at("title"), "a");
    EXPECT_EQ(entry.at("read"), false);
    const auto foreign = get("/v1/mailbox/" + id, "bob");
    const auto absent = get("/v1/mailbox/01arz3ndektsv4rrffq69g5fav", "bob");
    EXPECT_EQ(foreign.status, 404U);
    EXPECT_EQ(foreign.body, absent.body);
}

TEST_F(MailboxTest, MarksReadAndUnread) {
    const std::string id = publish("alice", "a");
    publish("alice", "b");
    publish("alice", "c");
    EXPECT_EQ(get("/v1/mailbox/unread").body, R"({"unread":3,"token":"1.3"})");
    EXPECT_EQ(read(R"({"up_to":"1.2"})").body, R"({"changed":2,"unread":1})");
    EXPECT_EQ(read(R"({"up_to":"1.2"})").body, R"({"changed":0,"unread":1})");
    EXPECT_EQ(read(R"({"ids":[")" + id + R"(","nothing"],"unread":true})").body,
              R"({"changed":1,"unread":2})");
    EXPECT_EQ(read(R"({"seqs":[1,3,99]})").body, R"({"changed":2,"unread":0})");
    EXPECT_TRUE(get("/v1/mailbox/" + id).body.contains("\"read_at\":\"20"));
    EXPECT_EQ(read(R"({"ids":[]})").body, R"({"changed":0,"unread":0})");
}

TEST_F(MailboxTest, RefusesWrongMarks) {
    publish("alice", "a");
    for (const char* body :
         {"{}", R"({"up_to":"1.1","seqs":[1]})", R"({"up_to":"x"})", R"({"seqs":[0]})",
          R"({"seqs":["1"]})", R"({"ids":[1]})", R"({"seqs":[1],"unread":1})", "[]"}) {
        EXPECT_EQ(read(body).status, 422U) << body;
    }
    EXPECT_EQ(read(R"({"up_to":"9.1"})").status, 410U);
}

TEST_F(MailboxTest, IsItsOwnersAlone) {
    publish("alice", "a");
    EXPECT_EQ(world_.call({.target = "/v1/mailbox"}).status, 401U);
    EXPECT_EQ(get("/v1/users/alice/mailbox", "bob").status, 403U);
    EXPECT_EQ(titles(get("/v1/users/alice/mailbox", "alice")), (Titles{"a"}));
    EXPECT_EQ(titles(get("/v1/mailbox", "bob")), Titles{});
    EXPECT_EQ(read(R"({"user":"alice","seqs":[1]})", "bob").status, 403U);
    const auto by_admin = world_.control({.target = "/v1/users/alice/mailbox?limit=1"});
    EXPECT_EQ(titles(by_admin), (Titles{"a"}));
    EXPECT_EQ(world_.control({.target = "/v1/mailbox"}).status, 422U);
    EXPECT_EQ(world_.control({.target = "/v1/users/a%22b/mailbox"}).status, 422U);
    EXPECT_EQ(world_
                  .control({.method = "POST",
                            .target = "/v1/users/alice/mailbox/read",
                            .body = R"({"seqs":[1]})"})
                  .body,
              R"({"changed":1,"unread":0})");
    EXPECT_EQ(world_
                  .control({.method = "POST",
                            .target = "/v1/users/alice/mailbox/read",
                            .body = R"({"seqs":[1],"user":"bob"})"})
                  .status,
              422U);
}

TEST_F(MailboxTest, RepeatsTheFilterInTheLink) {
    publish("alice", "a", "x&y");
    publish("alice", "b", "x&y");
    const auto page = get("/v1/mailbox?limit=1&unread=true&type=x%26y");
    EXPECT_TRUE(page.head.contains("&limit=1&type=x%26y&unread=true>; rel=\"next\"")) << page.head;
}

}  // namespace
}  // namespace belfry::test
