#include "tests/unit/ops/world.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>
#include <gtest/gtest.h>

namespace belfry::test {
namespace {

namespace json = boost::json;

class PublishTest : public ::testing::Test {
protected:
    HttpAnswer publish(const std::string& body) {
        return world_.call(
            {.method = "POST", .target = "/v1/notifications", .body = body, .token = producer_});
    }
    HttpAnswer publish_batch(const std::string& body) {
        return world_.call({.method = "POST",
                            .target = "/v1/notifications/batch",
                            .body = body,
                            .token = producer_});
    }
    std::string list(const std::string& user) {
        return world_.call({.target = "/v1/mailbox", .token = world_.token(user)}).body;
    }

    World world_;
    std::string producer_ = world_.token("shop", {"producer"});
};

TEST_F(PublishTest, SaysWhereItWent) {
    const auto answer = publish(R"({"to":["user:alice","topic:news","user:alice"],"title":"Hi"})");
    EXPECT_EQ(answer.status, 201U);
    EXPECT_TRUE(answer.head.contains("content-type: application/json\r\n")) << answer.head;
    const auto said = json::parse(answer.body);
    EXPECT_EQ(said.at("id").as_string().size(), 26U);
    EXPECT_EQ(said.at("duplicate"), false);
    const auto& places = said.at("places").as_array();
    ASSERT_EQ(places.size(), 2U);
    EXPECT_EQ(places[0].at("stream"), "user:alice");
    EXPECT_EQ(places[0].at("seq"), 1);
    EXPECT_EQ(places[1].at("stream"), "topic:news");
    EXPECT_EQ(places[0].at("token"), "1.1");
}

TEST_F(PublishTest, KnowsAnEventAgain) {
    const std::string event =
        R"({"to":"user:alice","body":"paid","source":"shop","event_id":"order-1"})";
    const auto first = publish(event);
    EXPECT_EQ(first.status, 201U);
    const auto second = publish(event);
    EXPECT_EQ(second.status, 200U);
    EXPECT_EQ(json::parse(second.body).at("duplicate"), true);
    EXPECT_EQ(json::parse(second.body).at("id"), json::parse(first.body).at("id"));
    EXPECT_EQ(json::parse(second.body).at("places"), json::parse(first.body).at("places"));
    const auto other =
        publish(R"({"to":"user:alice","body":"sent","source":"shop","event_id":"order-1"})");
    EXPECT_EQ(other.status, 409U);
    EXPECT_EQ(json::parse(other.body).at("code"), "conflict");
}

TEST_F(PublishTest, KeepsDataByteForByte) {
    const std::string data =
        R"({"price" : 1.50, "n":1e400,"text":"\u00e4\/","list":[ ],  "data":{"data":1}})";
    EXPECT_EQ(publish(R"({"to":"user:alice", "d\u0061ta" : )" + data + R"( ,"title":"x"})").status,
              201U);
    EXPECT_TRUE(list("alice").contains(R"("data":)" + data + ',')) << list("alice");
    const auto batch = publish_batch(
        R"( [ {"to":"user:bob","data":[1.0, 2]} ,{"data":"a,]}\"","to":"user:bob"}])");
    EXPECT_EQ(batch.status, 200U) << batch.body;
    EXPECT_TRUE(list("bob").contains(R"("data":[1.0, 2],)")) << list("bob");
    EXPECT_TRUE(list("bob").contains(R"("data":"a,]}\"",)")) << list("bob");
}

TEST_F(PublishTest, KeepsDataOfOtherTypes) {
    EXPECT_EQ(publish(R"({"to":"user:alice","data":"<x/>","data_type":"application/xml"})").status,
              201U);
    EXPECT_TRUE(
        list("alice").contains(R"("data_type":"application/xml","data_base64":"PHgvPg==")"));
    const auto refused = publish(R"({"to":"user:alice","data":{},"data_type":"text/plain"})");
    EXPECT_EQ(refused.status, 422U);
    EXPECT_EQ(json::parse(refused.body).at("pointer"), "/data");
}

struct Refusal {
    std::string body;
    unsigned status;
    std::string pointer;
};

TEST_F(PublishTest, PointsAtWhatIsWrong) {
    const std::string deep = std::string(40, '[') + std::string(40, ']');
    for (const Refusal& refusal : {
             Refusal{"", 400, ""},
             {"{", 400, ""},
             {R"({"to":"user:a","to":"user:b"})", 400, ""},
             {R"({"to":"user:a","data":{"x":1,"x":2}})", 400, ""},
             {R"({"to":"user:a","data":)" + deep + "}", 400, ""},
             {"{\"to\":\"user:a\",\"title\":\"\xff\"}", 400, ""},
             {"[]", 422, ""},
             {"{}", 422, "/to"},
             {R"({"to":7})", 422, "/to"},
             {R"({"to":"alice"})", 422, "/to"},
             {R"({"to":[]})", 422, "/to"},
             {R"({"to":["user:a","user:b c"]})", 422, "/to/1"},
             {R"({"to":["user:a",1]})", 422, "/to/1"},
             {R"({"to":"user:a","titel":"x"})", 422, "/titel"},
             {R"({"to":"user:a","a/b~c":"x"})", 422, "/a~1b~0c"},
             {R"({"to":"user:a","title":1})", 422, "/title"},
             {R"({"to":"user:a","title":null})", 422, "/title"},
             {R"({"to":"user:a","title":"a\u0000b"})", 422, "/title"},
             {R"({"to":"user:a","priority":11})", 422, "/priority"},
             {R"({"to":"user:a","priority":1.5})", 422, "/priority"},
             {R"({"to":"user:a","expires_at":"tomorrow"})", 422, "/expires_at"},
             {R"({"to":"user:a","event_id":"x"})", 422, "/event_id"},
             {R"({"to":"user:a","title":")" + std::string(70'000, 'x') + "\"}", 413, "/title"},
         }) {
        const auto answer = publish(refusal.body);
        EXPECT_EQ(answer.status, refusal.status) << refusal.body.substr(0, 80) << answer.body;
        EXPECT_TRUE(answer.head.contains("content-type: application/problem+json\r\n"));
        const auto problem = json::parse(answer.body).as_object();
        EXPECT_EQ(problem.at("status"), refusal.status);
        const auto* pointer = problem.if_contains("pointer");
        EXPECT_EQ(pointer == nullptr ? "" : std::string(pointer->as_string().c_str()),
                  refusal.pointer)
            << answer.body;
    }
    EXPECT_EQ(world_.storage.commits(), 0U);
}

TEST_F(PublishTest, IsForProducers) {
    HttpCall call{.method = "POST", .target = "/v1/notifications", .body = R"({"to":"user:a"})"};
    const auto anonymous = world_.call(call);
    EXPECT_EQ(anonymous.status, 401U);
    EXPECT_TRUE(anonymous.head.contains("www-authenticate: bearer\r\n"));
    call.token = "a.b.c";
    EXPECT_EQ(world_.call(call).status, 401U);
    call.token = world_.token("alice");
    EXPECT_EQ(world_.call(call).status, 403U);
    call.token = world_.token("root", {"admin"});
    EXPECT_EQ(world_.call(call).status, 201U);
    call.token = "";
    EXPECT_EQ(world_.control(call).status, 201U);
}

TEST_F(PublishTest, WantsJson) {
    HttpCall call{.method = "POST",
                  .target = "/v1/notifications",
                  .body = R"({"to":"user:a"})",
                  .token = producer_};
    for (const char* type : {"", "text/plain", "application/x-www-form-urlencoded",
                             "application/jsonx", "application"}) {
        call.content_type = type;
        EXPECT_EQ(world_.call(call).status, 415U) << type;
    }
    for (const char* type :
         {"application/json; charset=utf-8", "Application/JSON", "application/json ;x"}) {
        call.content_type = type;
        EXPECT_EQ(world_.call(call).status, 201U) << type;
    }
}

TEST_F(PublishTest, LetsEachOfABatchStandForItself) {
    const auto answer = publish_batch(R"([
        {"to":"user:alice","body":"one","source":"s","event_id":"1"},
        {"to":"user:alice","bady":"two"},
        {"to":"user:alice","body":"one","source":"s","event_id":"1"},
        {"to":"user:alice","body":"other","source":"s","event_id":"1"},
        7,
        {"to":["user:alice","user:bob"],"body":"three"}])");
    ASSERT_EQ(answer.status, 200U) << answer.body;
    const auto results = json::parse(answer.body).at("results").as_array();
    ASSERT_EQ(results.size(), 6U);
    const std::vector<int> expected{201, 422, 200, 409, 422, 201};
    for (std::size_t i = 0; i < expected.size(); ++i) {
        EXPECT_EQ(results[i].at("status"), expected[i]) << i;
    }
    EXPECT_EQ(results[1].at("pointer"), "/bady");
    EXPECT_EQ(results[2].at("id"), results[0].at("id"));
    EXPECT_EQ(results[5].at("places").as_array().size(), 2U);
}

TEST_F(PublishTest, BoundsABatch) {
    EXPECT_EQ(publish_batch("[]").status, 422U);
    EXPECT_EQ(publish_batch("{}").status, 422U);
    std::string body = "[";
    for (int i = 0; i < 1000; ++i) {
        body += R"({"to":"user:a"},)";
    }
    EXPECT_EQ(publish_batch(body + R"({"to":"user:a"}])").status, 422U);
    body.back() = ']';
    const auto answer = publish_batch(body);
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(json::parse(answer.body).at("results").at(999).at("places").at(0).at("seq"), 1000);
}

TEST_F(PublishTest, SendsPlainText) {
    HttpCall call{.method = "POST",
                  .target = "/v1/send/ops?type=disk",
                  .body = "disk \"full\"\n",
                  .token = producer_,
                  .content_type = "application/x-www-form-urlencoded",
                  .more_headers = "Title: Warning\r\n"};
    EXPECT_EQ(world_.call(call).status, 201U);
    const auto entry = json::parse(list("ops")).at("entries").at(0);
    EXPECT_EQ(entry.at("body"), "disk \"full\"\n");
    EXPECT_EQ(entry.at("title"), "Warning");
    EXPECT_EQ(entry.at("type"), "disk");
    call.target = "/v1/send/ops?title=twice";
    EXPECT_EQ(world_.call(call).status, 422U);
    call.target = "/v1/send/ops?nonsense=1";
    EXPECT_EQ(world_.call(call).status, 422U);
    call.target = "/v1/send/o%20ps";
    EXPECT_EQ(world_.call(call).status, 422U);
    call.target = "/v1/send/ops";
    call.body = "\xff\xfe";
    EXPECT_EQ(world_.call(call).status, 422U);
}

TEST_F(PublishTest, TellsWhenTheStorageCannot) {
    world_.on_shard([this] {
        world_.storage.commit_fault = [] {
            return CommitFault{{Code::unavailable, "the disk is full", {}, 7 * kSecond}};
        };
    });
    const auto answer = publish(R"({"to":"user:alice"})");
    EXPECT_EQ(answer.status, 503U);
    EXPECT_TRUE(answer.head.contains("retry-after: 7\r\n"));
    const auto batch = publish_batch(R"([{"to":"user:alice"}])");
    EXPECT_EQ(json::parse(batch.body).at("results").at(0).at("status"), 503);
}

}  // namespace
}  // namespace belfry::test
