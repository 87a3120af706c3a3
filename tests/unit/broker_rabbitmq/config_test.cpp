// What the configuration may say.
#include <belfry/testkit/host.hpp>

#include <gtest/gtest.h>

namespace belfry::test {
namespace {

struct Wrong {
    std::string config;
    std::string names;
};
void PrintTo(const Wrong& wrong, std::ostream* out) { *out << wrong.config; }

class WrongConfig : public testing::TestWithParam<Wrong> {};

TEST_P(WrongConfig, IsRefusedByItsName) {
    testkit::Host host;
    const auto plugin = testkit::Plugin::load(host, BELFRY_TEST_PLUGIN);
    const auto why = plugin.check(GetParam().config);
    ASSERT_TRUE(why);
    EXPECT_NE(why->find(GetParam().names), std::string::npos) << *why;
    EXPECT_EQ(why->find("hunter2"), std::string::npos) << *why;
}

INSTANTIATE_TEST_SUITE_P(
    Of, WrongConfig,
    testing::Values(Wrong{"", "JSON"}, Wrong{"[]", "an object"}, Wrong{R"({"url": 7})", "url"},
                    Wrong{R"({"url": "http://localhost"})", "url"},
                    Wrong{R"({"url": "amqp://me:hunter2@localhost"})", "password"},
                    Wrong{R"({"url": "amqp://localhost:notaport"})", "url"},
                    Wrong{"{\"url\": \"amqp://localhost\", \"user\": \"a\\u0000b\"}", "user"},
                    Wrong{R"({"tls": {"cert": "cert.pem"}})", "cert and key"},
                    Wrong{R"({"tls": {"ca": "ca.pem"}})", "amqps://"},
                    Wrong{R"({"tls": {"insecure": true}})", "insecure"},
                    Wrong{R"({"heartbeat": 1})", "heartbeat"},
                    Wrong{R"({"frame_max": 100})", "frame_max"}));

TEST(Config, OfAllKindsIsAccepted) {
    testkit::Host host;
    const auto plugin = testkit::Plugin::load(host, BELFRY_TEST_PLUGIN);
    for (const auto* config :
         {"{}", R"({"url": "amqp://localhost"})", R"({"url": "amqp://me@[::1]:5673/a%2Fb"})",
          R"({"url": "amqps://broker", "tls": {"ca": "ca.pem", "verify": false}, "password": "x"})",
          R"({"heartbeat": 1000000000, "frame_max": 4096, "prefix": "p", "bus_exchange": "b"})"}) {
        EXPECT_EQ(plugin.check(config), std::nullopt) << config;
    }
}

TEST(Config, ThatIsTheSameIsApplied) {
    testkit::Host host;
    const auto plugin = testkit::Plugin::load(host, BELFRY_TEST_PLUGIN);
    auto instance = plugin.create("rabbit", R"({"url": "amqp://localhost"})");
    EXPECT_EQ(instance.apply(R"({"url": "amqp://localhost:5672/"})"), BF_APPLIED);
    EXPECT_EQ(instance.apply(R"({"url": "amqp://localhost", "prefix": "x"})"), BF_APPLY_RESTART);
}

}  // namespace
}  // namespace belfry::test
