#include "tests/unit/ops/world.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include <future>

namespace belfry::test {
namespace {

namespace json = boost::json;

class AppDoorTest : public ::testing::Test {
protected:
    Result<std::string> call(const OperationCall& call) {
        std::promise<Result<std::string>> promise;
        world_.apps->call("shop", call, [&](Result<std::string> result) {
            promise.set_value(std::move(result));
        });
        return promise.get_future().get();
    }
    Result<std::string> transaction(const std::vector<OperationCall>& calls) {
        std::promise<Result<std::string>> promise;
        world_.apps->transaction("shop", calls, [&](Result<std::string> result) {
            promise.set_value(std::move(result));
        });
        return promise.get_future().get();
    }
    std::int64_t unread(const std::string& user) {
        const auto answer = call({"mailbox.unread", {}, R"({"user":")" + user + "\"}"});
        return answer ? json::parse(*answer).at("unread").as_int64() : -1;
    }

    World world_;
};

TEST_F(AppDoorTest, CallsForTheInstanceOrForAPrincipal) {
    ASSERT_TRUE(call({"notifications.publish", {}, R"({"to":"user:alice","data":1.50})"}));
    const std::string alice = R"({"kind":"user","id":"alice","roles":[]})";
    const auto list = call({"mailbox.list", alice, {}});
    ASSERT_TRUE(list);
    EXPECT_TRUE(list->contains("\"data\":1.50,")) << *list;
    const auto me = call({"users.me", {}, "{}"});
    ASSERT_TRUE(me);
    EXPECT_EQ(json::parse(*me).at("id"), "shop");
}

TEST_F(AppDoorTest, AnswersWithProblems) {
    const std::string alice = R"({"kind":"user","id":"alice","roles":[]})";
    struct Refusal {
        OperationCall call;
        Code code;
        int status;
    };
    for (const Refusal& refusal :
         {Refusal{{"no.such", {}, "{}"}, Code::not_found, 404},
          {{"notifications.publish", alice, R"({"to":"user:a"})"}, Code::refused, 403},
          {{"notifications.publish", {}, R"({"to":1})"}, Code::invalid, 422},
          {{"notifications.publish", {}, "{"}, Code::invalid, 422},
          {{"notifications.publish", "{}", R"({"to":"user:a"})"}, Code::invalid, 422},
          {{"notifications.publish_batch", {}, "{}"}, Code::invalid, 422}}) {
        const auto answer = call(refusal.call);
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().code, refusal.code);
        EXPECT_EQ(json::parse(answer.error().message).at("status"), refusal.status);
    }
}

TEST_F(AppDoorTest, PublishesAllOrNothing) {
    const OperationCall first{"notifications.publish",
                              {},
                              R"({"to":"user:alice","source":"s","event_id":"1","body":"a"})"};
    const auto done =
        transaction({first, {"notifications.publish", {}, R"({"to":"user:bob","body":"b"})"}});
    ASSERT_TRUE(done) << done.error().message;
    const auto outputs = json::parse(*done).as_array();
    ASSERT_EQ(outputs.size(), 2U);
    EXPECT_EQ(outputs[1].at("places").at(0).at("stream"), "user:bob");
    EXPECT_EQ(world_.storage.commits(), 1U);
    const auto again = transaction({first});
    ASSERT_TRUE(again);
    EXPECT_EQ(json::parse(*again).at(0).at("duplicate"), true);
    EXPECT_EQ(json::parse(*again).at(0).at("id"), outputs[0].at("id"));

    const auto conflict =
        transaction({{"notifications.publish", {}, R"({"to":"user:bob","body":"c"})"},
                     {"notifications.publish",
                      {},
                      R"({"to":"user:alice","source":"s","event_id":"1","body":"x"})"}});
    ASSERT_FALSE(conflict);
    EXPECT_EQ(conflict.error().code, Code::conflict);
    EXPECT_EQ(unread("bob"), 1);
    EXPECT_EQ(unread("alice"), 1);
}

TEST_F(AppDoorTest, NamesWhatCannotBePartOfATransaction) {
    const auto refused = transaction({{"notifications.publish", {}, R"({"to":"user:bob"})"},
                                      {"mailbox.list", {}, R"({"user":"bob"})"}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::refused);
    EXPECT_TRUE(refused.error().message.contains("mailbox.list"));
    EXPECT_EQ(world_.storage.commits(), 0U);
    EXPECT_EQ(transaction({}).value_or(""), "[]");
    EXPECT_FALSE(transaction({{"notifications.publish", {}, "{}"}}));
    EXPECT_FALSE(transaction({{"no.such", {}, "{}"}}));
}

}  // namespace
}  // namespace belfry::test
