#include "tests/unit/broker_rabbitmq/rabbit.hpp"

#include <boost/json.hpp>
#include <unistd.h>

#include <atomic>
#include <chrono>

namespace belfry::test {

std::string config_at(const std::string& url, const std::string& members) {
    return R"({"url": ")" + url + "\"" + (members.empty() ? "" : ", " + members) + "}";
}

void Rabbit::SetUp() {
    server_ = shared_rabbit();
    if (server_.empty()) {
        GTEST_SKIP() << "RabbitMQ is not installed";
    }
    static std::atomic<int> count = 0;
    const auto now = std::chrono::system_clock::now().time_since_epoch().count();
    queue_ = "unit." + std::to_string(::getpid()) + "." + std::to_string(now) + "." +
             std::to_string(++count);
}

void Rabbit::TearDown() {
    nodes_.clear();  // stops them
    EXPECT_EQ(host.violations(), std::vector<std::string>());
}

RabbitClient& Rabbit::client() {
    if (client_ == nullptr) {
        client_ = std::make_unique<RabbitClient>(url());
    }
    return *client_;
}

testkit::Instance Rabbit::create(const std::string& config, const std::string& name) {
    return testkit::Plugin::load(host, BELFRY_TEST_PLUGIN).create(name, config);
}

Node& Rabbit::node(const std::string& config, const std::string& name) {
    return nodes_.emplace_back(testkit::Plugin::load(host, BELFRY_TEST_PLUGIN), name, config);
}

Place Rabbit::place(const std::string& members) const {
    const std::string json =
        R"({"queue": ")" + queue_ + "\"" + (members.empty() ? "" : ", " + members) + "}";
    return {queue_, boost::json::parse(json).as_object(), queue_, ""};
}

Source& Rabbit::source(Node& node, const std::string& members, Wanted wanted) {
    return sources_.emplace_back(node, place(members), std::move(wanted), kPatience);
}

Source& Rabbit::consume(Node& node, const std::string& members, Wanted wanted) {
    auto& made = source(node, members, std::move(wanted));
    made.consume();
    return made;
}

void Rabbit::wait_for_health(sdk::Health state, const std::string& reason,
                             const std::string& instance) {
    testkit::eventually(
        "health " + std::to_string(static_cast<int>(state)) + " with " + reason,
        [&] {
            const auto report = host.health(instance);
            return report.state == state && report.reason.find(reason) != std::string::npos;
        },
        kPatience);
}

}  // namespace belfry::test
