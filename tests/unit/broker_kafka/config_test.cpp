// Configurations that are none.
#include "tests/unit/broker_kafka/node.hpp"

namespace belfry::test {
namespace {

namespace json = boost::json;

class KafkaConfig : public testing::Test {
protected:
    std::string refusal(const json::object& properties) {
        const auto plugin = testkit::Plugin::load(host, BELFRY_TEST_PLUGIN);
        return plugin.check(node_config("127.0.0.1:1", {{"properties", properties}})).value_or("");
    }
    testkit::Host host;
};

TEST_F(KafkaConfig, TakesWhatTheLibraryKnows) {
    EXPECT_EQ(refusal({{"security.protocol", "SASL_SSL"},
                       {"sasl.mechanism", "PLAIN"},
                       {"session.timeout.ms", 6'000},
                       {"enable.ssl.certificate.verification", true}}),
              "");
}

TEST_F(KafkaConfig, RefusesUnknownPropertiesAndWrongValuesByName) {
    EXPECT_NE(refusal({{"no.such.thing", "1"}}).find("properties.no.such.thing"),
              std::string::npos);
    EXPECT_NE(refusal({{"session.timeout.ms", "soon"}}).find("properties.session.timeout.ms"),
              std::string::npos);
    EXPECT_NE(refusal({{"security.protocol", json::array{}}}).find("properties.security.protocol"),
              std::string::npos);
    EXPECT_NE(refusal({{"client.id", std::string("a\0b", 3)}}).find("properties.client.id"),
              std::string::npos);
}

TEST_F(KafkaConfig, RefusesWhatItsPromisesRestOn) {
    for (const auto* name :
         {"enable.auto.offset.store", "enable.auto.commit", "enable.idempotence", "acks",
          "request.required.acks", "group.id", "auto.offset.reset", "isolation.level",
          "sasl.password", "plugin.library.paths", "partition.assignment.strategy"}) {
        EXPECT_NE(refusal({{name, "1"}}).find(std::string("properties.") + name), std::string::npos)
            << name;
    }
}

TEST_F(KafkaConfig, SaysNothingOfASecret) {
    const auto plugin = testkit::Plugin::load(host, BELFRY_TEST_PLUGIN);
    const auto refused =
        plugin.check(node_config("127.0.0.1:1", {{"sasl_password", "hunter2"}, {"prefix", "a b"}}));
    ASSERT_TRUE(refused);
    EXPECT_NE(refused->find("prefix"), std::string::npos) << *refused;
    EXPECT_EQ(refused->find("hunter2"), std::string::npos);
}

TEST_F(KafkaConfig, OfABrokerThatIsNotThereFailsTheStartByName) {
    auto instance =
        testkit::Plugin::load(host, BELFRY_TEST_PLUGIN).create("kafka", node_config("127.0.0.1:1"));
    const auto outcome = instance.try_start(kLong);
    EXPECT_EQ(outcome.status, sdk::Status::unavailable);
    EXPECT_NE(outcome.message.find("127.0.0.1:1"), std::string::npos) << outcome.message;
    instance.stop();
}

class KafkaLogin : public KafkaTest {
protected:
    [[nodiscard]] testkit::Outcome<> start_with(const std::string& password) {
        auto instance = testkit::Plugin::load(host, BELFRY_TEST_PLUGIN)
                            .create("kafka", node_config(server().sasl_brokers(),
                                                         {{"sasl_password", password},
                                                          {"properties",
                                                           {{"security.protocol", "SASL_PLAINTEXT"},
                                                            {"sasl.mechanism", "PLAIN"},
                                                            {"sasl.username", "belfry"}}}}));
        auto outcome = instance.try_start(kLong);
        instance.stop();
        return outcome;
    }
};

TEST_F(KafkaLogin, WorksWithTheRightPassword) {
    const auto outcome = start_with("right");
    EXPECT_TRUE(outcome.ok()) << outcome.message;
}

TEST_F(KafkaLogin, IsRefusedWithTheWrongOneWhichNobodySees) {
    const auto outcome = start_with("hunter2");
    EXPECT_EQ(outcome.status, sdk::Status::refused) << outcome.message;
    EXPECT_EQ(outcome.message.find("hunter2"), std::string::npos) << outcome.message;
    for (const auto& line : host.logs()) {
        for (const auto& [name, value] : line.fields) {
            EXPECT_EQ(value.find("hunter2"), std::string::npos) << line.event;
        }
    }
}

}  // namespace
}  // namespace belfry::test
