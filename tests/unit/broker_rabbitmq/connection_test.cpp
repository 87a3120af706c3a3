// Who is let in, and how a connection that is lost is noticed.
#include "tests/support/rabbitmq_relay.hpp"
#include "tests/unit/broker_rabbitmq/rabbit.hpp"

#include <gtest/gtest.h>

namespace belfry::test {
namespace {

using sdk::Health;
using sdk::Status;

class Connecting : public Rabbit {
protected:
    std::string tls_config(const std::string& host_name, const std::string& ca,
                           const std::string& more = "") {
        return R"({"url": "amqps://)" + host_name + ":" + rabbit_file(server(), "tls_port") +
               R"(", "tls": {"ca": ")" + (server() / "tls" / ca).string() + "\"" + more + "}}";
    }
    testkit::Outcome<> start(const std::string& config) {
        auto instance = create(config, "refused");
        return instance.try_start(kPatience);
    }
};

TEST_F(Connecting, ToNobodyIsUnavailable) {
    const auto outcome = start(R"({"url": "amqp://127.0.0.1:1"})");
    EXPECT_EQ(outcome.status, Status::unavailable);
    EXPECT_NE(outcome.message.find("127.0.0.1:1"), std::string::npos) << outcome.message;
}

TEST_F(Connecting, WithAWrongPasswordIsRefused) {
    const auto outcome = start(config_at(url(), R"("password": "hunter2")"));
    EXPECT_EQ(outcome.status, Status::refused);
    EXPECT_NE(outcome.message.find("ACCESS_REFUSED"), std::string::npos) << outcome.message;
    EXPECT_EQ(outcome.message.find("hunter2"), std::string::npos) << outcome.message;
}

TEST_F(Connecting, ToAnUnknownVirtualHostIsRefused) {
    const auto outcome = start(config_at(url() + "/nowhere"));
    EXPECT_EQ(outcome.status, Status::refused);
    EXPECT_NE(outcome.message.find("nowhere"), std::string::npos) << outcome.message;
}

TEST_F(Connecting, WithTlsWorks) {
    auto& tls = node(tls_config("localhost", "ca.pem"));
    auto& in = consume(tls);
    const std::string body(300'000, 'x');  // many records
    ASSERT_TRUE(tls.publish(place(), {.id = "1", .body = body}).ok());
    EXPECT_EQ(in.wait(1).at(0).body, body);
}

TEST_F(Connecting, ToACertificateOfAnotherAuthorityFails) {
    const auto outcome = start(tls_config("localhost", "other.pem"));
    EXPECT_FALSE(outcome.ok());
    EXPECT_NE(outcome.message.find("SSL"), std::string::npos) << outcome.message;
}

TEST_F(Connecting, ToAnotherNameThanTheCertificatesFails) {
    EXPECT_FALSE(start(tls_config("127.0.0.2", "ca.pem")).ok());
}

TEST_F(Connecting, WithoutVerificationWorks) {
    auto instance = create(tls_config("127.0.0.1", "other.pem", R"(, "verify": false)"));
    EXPECT_TRUE(instance.try_start(kPatience).ok());
}

TEST_F(Connecting, NamesTheFileThatCannotBeRead) {
    const auto outcome = start(tls_config("localhost", "missing.pem"));
    EXPECT_EQ(outcome.status, Status::refused);
    EXPECT_NE(outcome.message.find("missing.pem"), std::string::npos) << outcome.message;
}

// With a heartbeat of a second, silence is noticed after two.
TEST_F(Connecting, ThatFallSilentAreGivenUpAndMadeAgain) {
    Relay relay(port());
    auto& behind = node(config_at("amqp://127.0.0.1:" + std::to_string(relay.port()),
                                  R"("heartbeat": 1000000000)"));
    auto& in = consume(behind);
    in.lose_count();
    ASSERT_TRUE(behind.publish(place(), text("before")).ok());
    (void)in.wait_for("before");
    relay.silence(true);
    wait_for_health(Health::down, "127.0.0.1");
    EXPECT_EQ(behind.publish(place(), text("during")).status, Status::unavailable);
    relay.silence(false);
    wait_for_health(Health::ok);
    EXPECT_EQ(in.wait_for("before", 2).attempt, 2U);
    ASSERT_TRUE(behind.publish(place(), text("after")).ok());
    (void)in.wait_for("after");
    EXPECT_GE(in.stats().reconnects, 1U);
}

TEST_F(Connecting, StaysWhileNothingHappens) {
    auto& quiet = node(config_at(url(), R"("heartbeat": 1000000000)"));
    auto& in = consume(quiet);
    in.pause(true);
    // Several times what the server waits for a heartbeat.
    std::this_thread::sleep_for(std::chrono::seconds(6));
    in.pause(false);
    ASSERT_TRUE(quiet.publish(place(), text("a")).ok());
    (void)in.wait_for("a");
    EXPECT_EQ(in.stats().reconnects, 0U);
    EXPECT_EQ(host.logged("connection lost"), 0U);
}

TEST_F(Connecting, ThatAreCutUnderLoadLoseNothingConfirmed) {
    Relay relay(port());
    auto& behind = node(config_at("amqp://127.0.0.1:" + std::to_string(relay.port())));
    auto& in = consume(behind, R"("topology": "declare")", {.max_in_flight = 50});
    in.lose_count();
    in.settle_all();
    std::vector<std::string> confirmed;
    for (int number = 0; number < 1'000; ++number) {
        if (number % 250 == 100) {
            relay.cut();
        }
        const std::string body = "m" + std::to_string(number);
        testkit::eventually(
            "confirmed", [&] { return behind.publish(place(), text(body)).ok(); }, kPatience);
        confirmed.push_back(body);
    }
    in.wait_for_all(confirmed);
    EXPECT_GE(in.stats().reconnects, 1U);
}

}  // namespace
}  // namespace belfry::test
