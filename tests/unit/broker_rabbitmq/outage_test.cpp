// A server that is killed, that takes no messages, that throws everybody out.
#include "tests/unit/broker_rabbitmq/rabbit.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

namespace belfry::test {
namespace {

using sdk::Health;
using sdk::Status;

/// With a server of its own.
class Outage : public Rabbit {
protected:
    void SetUp() override {
        Rabbit::SetUp();
        if (!IsSkipped()) {
            own_ = std::make_unique<RabbitServer>();
        }
    }
    RabbitServer& own() { return *own_; }
    Node& own_node() { return node(config_at(own().url())); }

private:
    std::unique_ptr<RabbitServer> own_;
};

TEST_F(Outage, ByKillUnderLoadLosesNothingConfirmed) {
    auto& here = own_node();
    auto& in = consume(here, R"("topology": "declare")", {.max_in_flight = 20});
    in.lose_count();
    in.on_each([&](const Delivery& one) {
        // Each comes twice by itself.
        if (one.attempt == 1) {
            in.retry(one, std::chrono::milliseconds(100));
        } else {
            in.ok(one);
        }
    });
    std::vector<std::string> confirmed;
    std::atomic<bool> is_over = false;
    std::thread publisher([&] {
        for (int number = 0; !is_over; ++number) {
            const std::string body = "m" + std::to_string(number);
            while (!here.publish(place(), text(body)).ok() && !is_over) {
                std::this_thread::sleep_for(std::chrono::milliseconds(20));
            }
            if (!is_over) {
                confirmed.push_back(body);
            }
        }
    });
    for (int kill = 0; kill < 2; ++kill) {
        const auto before = in.count();
        testkit::eventually("it runs", [&] { return in.count() > before + 200; }, kPatience);
        own().kill();
        own().start();
    }
    const auto before = in.count();
    testkit::eventually("it runs again", [&] { return in.count() > before + 100; }, kPatience);
    is_over = true;
    publisher.join();
    for (const auto& body : confirmed) {
        (void)in.wait_for(body, 2);
    }
    wait_for_health(Health::ok);
    EXPECT_GE(in.stats().reconnects, 2U);
}

TEST_F(Outage, ByAnAlarmPutsPublishingOff) {
    auto& here = own_node();
    auto& in = consume(here);
    ASSERT_TRUE(here.publish(place(), text("a")).ok());
    in.ok(in.wait_for("a"));
    rabbit_control(own().folder(), "set_vm_memory_high_watermark 0.00001");
    // RabbitMQ says so to a connection that publishes.
    const conformance::Call<> stuck = here.begin_publish(place(), text("b"));
    wait_for_health(Health::degraded, "takes no messages");
    const auto outcome = here.publish(place(), text("c"));
    EXPECT_EQ(outcome.status, Status::retry);
    EXPECT_GT(outcome.retry_after, 0);
    rabbit_control(own().folder(), "set_vm_memory_high_watermark 0.6");
    wait_for_health(Health::ok);
    (void)stuck.wait();
    EXPECT_TRUE(here.publish(place(), text("d")).ok());
    (void)in.wait_for("d");
}

TEST_F(Outage, ByTheOperatorIsNamedAndPasses) {
    auto& here = own_node();
    auto& in = consume(here);
    in.lose_count();
    ASSERT_TRUE(here.publish(place(), text("a")).ok());
    const auto one = in.wait_for("a");
    rabbit_control(own().folder(), "close_all_connections maintenance");
    EXPECT_EQ(in.wait_for("a", 2).coordinates, one.coordinates);
    wait_for_health(Health::ok);
    testkit::eventually("said why", [&] {
        const auto logs = host.logs();
        return std::any_of(logs.begin(), logs.end(), [](const auto& line) {
            return std::any_of(line.fields.begin(), line.fields.end(), [](const auto& field) {
                return field.second.find("maintenance") != std::string::npos;
            });
        });
    });
}

// What an instance does not take while it is paused is for others.
TEST_F(Outage, OfOneNodeByALongPauseLeavesTheRestToAnother) {
    auto& paused = consume(node(), R"("topology": "declare")");
    paused.pause(true);
    for (int number = 0; number < 50; ++number) {
        client().publish("", queue(), "m" + std::to_string(number));
    }
    auto& other = consume(node(config_at(url()), "other"));
    other.settle_all();
    for (int number = 0; number < 50; ++number) {
        (void)other.wait_for("m" + std::to_string(number));
    }
    EXPECT_EQ(paused.count(), 0U);
    paused.settle_all();
    paused.pause(false);
    other.cancel();
    client().publish("", queue(), "last");
    (void)paused.wait_for("last");
}

}  // namespace
}  // namespace belfry::test
