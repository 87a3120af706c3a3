/// Sources on the memory broker as it is loaded.
#include "daemon/base/wait.hpp"
#include "daemon/mailbox/source.hpp"
#include "tests/support/memory_storage.hpp"
#include "tests/unit/plugin/support.hpp"

#include <belfry/abi.h>

#include <gtest/gtest.h>

#include <atomic>
#include <optional>

namespace belfry::test {
namespace {

constexpr Nanos kLimit = 60 * kSecond;

class MemorySourceTest : public plugin::test::HostTest {
protected:
    void SetUp() override {
        run("memory", plugin::Kind::broker);
        broker_ = host_->broker("one");
        ASSERT_NE(broker_, nullptr);
    }
    void TearDown() override { stop_source(); }

    void start_source(config::EnvelopeSettings envelope = {}) {
        source_.emplace(
            SourceParts{*broker_, mailbox_, core_, system_clock(), system_random(), metrics_},
            SourceSettings{
                {"orders", R"({"destination":"orders.>","retry":{"first":1000000,"limit":3}})", 64},
                "one",
                std::move(envelope),
                kLimit});
        const auto started = wait_for(
            [this](auto done) {
                core_.post(
                    [this, done = std::move(done)]() mutable { source_->start(std::move(done)); });
            },
            kLimit);
        ASSERT_TRUE(started) << started.error().message;
    }
    void stop_source() {
        if (source_) {
            const auto stopped = wait_for(
                [this](auto done) {
                    core_.post([this, done = std::move(done)]() mutable {
                        source_->stop(std::move(done));
                    });
                },
                kLimit);
            EXPECT_TRUE(stopped);
        }
    }
    void publish(const std::string& id, const std::string& body,
                 std::vector<std::pair<std::string, std::string>> headers) {
        Message message;
        message.destination = "orders.a";
        message.id = id;
        message.content_type = "text/plain";
        message.body = body;
        message.headers = std::move(headers);
        const auto published =
            wait_for([&](auto done) { broker_->publish(message, home_, std::move(done)); }, kLimit);
        ASSERT_TRUE(published) << published.error().message;
    }
    SourceStats stats() {
        return wait_for<SourceStats>(
                   [&](auto done) { broker_->source_stats("orders", home_, std::move(done)); },
                   kLimit)
            .value();
    }
    /// Asks until nothing waits and so many are dead letters.
    void settle(std::uint64_t dead) {
        const Nanos end = system_clock().monotonic() + kLimit;
        for (SourceStats now = stats();
             now.lag != 0 || now.in_flight != 0 || now.dead_letters != dead; now = stats()) {
            ASSERT_LT(system_clock().monotonic(), end)
                << now.lag << ' ' << now.in_flight << ' ' << now.dead_letters;
        }
    }
    std::vector<std::string> bodies() {
        const auto page = wait_for<Page>(
            [&](auto done) {
                mailbox_.read({.stream = "user:a", .limit = 100}, home_, std::move(done));
            },
            kLimit);
        std::vector<std::string> found;
        for (const Entry& entry : page->entries) {
            found.push_back(entry.notification->body);
        }
        return found;
    }
    std::vector<std::string> dead_reasons() {
        const auto letters = wait_for<std::vector<Message>>(
            [&](auto done) { broker_->dead_letters("orders", 100, home_, std::move(done)); },
            kLimit);
        std::vector<std::string> reasons;
        for (const Message& letter : *letters) {
            for (const auto& [name, value] : letter.headers) {
                if (name == BF_HEADER_REASON) {
                    reasons.push_back(value);
                }
            }
        }
        return reasons;
    }

    using Bodies = std::vector<std::string>;

    Broker* broker_ = nullptr;
    MemoryStorage storage_;
    std::optional<Source> source_;
    plugin::test::ThreadExecutor core_;
    Ingest ingest_{core_, storage_, system_clock(), IngestSettings{}, metrics_, [](const auto&) {}};
    Mailbox mailbox_{ingest_, storage_, system_clock(), system_random(), MailboxLimits{}};
};

TEST_F(MemorySourceTest, BringsEventsThroughInOrder) {
    publish("0", "early", {{"subject", "user:a"}});
    start_source();
    for (int i = 1; i < 50; ++i) {
        publish(std::to_string(i), std::to_string(i), {{"subject", "user:a"}});
    }
    publish("", "event",
            {{"ce-specversion", "1.0"},
             {"ce-id", "e"},
             {"ce-source", "/s"},
             {"ce-type", "t"},
             {"ce-subject", "user:a"}});
    publish("7", "7", {{"subject", "user:a"}});
    settle(0);
    const auto found = bodies();
    ASSERT_EQ(found.size(), 51U) << "7 is there once";
    EXPECT_EQ(found.front(), "early");
    EXPECT_EQ(found.at(49), "49");
    EXPECT_EQ(found.back(), "event");
}

TEST_F(MemorySourceTest, BuriesPoisonAndReplaysIt) {
    config::EnvelopeSettings narrow;
    narrow.max_bytes = 10;
    start_source(narrow);
    publish("1", "poison of some size", {{"subject", "user:a"}});
    publish("2", "poison", {{"subject", "nobody"}});
    publish("3", "good", {{"subject", "user:a"}});
    settle(2);
    EXPECT_EQ(bodies(), Bodies{"good"});
    const auto reasons = dead_reasons();
    ASSERT_EQ(reasons.size(), 2U);
    EXPECT_TRUE(reasons[0].starts_with("oversize: ")) << reasons[0];
    EXPECT_TRUE(reasons[1].starts_with("undecodable: ")) << reasons[1];
    const auto replayed = wait_for<std::uint64_t>(
        [&](auto done) {
            broker_->replay("orders", 100, system_clock().now() + kSecond, home_, std::move(done));
        },
        kLimit);
    EXPECT_EQ(replayed.value(), 2U);
    settle(2);
    EXPECT_EQ(dead_reasons().size(), 2U) << "they died again";
    EXPECT_EQ(bodies(), Bodies{"good"});
}

TEST_F(MemorySourceTest, KeepsWhatItHasWhileTheStorageIsAway) {
    std::atomic<bool> is_away = true;
    storage_.commit_fault = [&]() -> std::optional<CommitFault> {
        return is_away ? std::optional(CommitFault{{Code::unavailable, "away"}, false})
                       : std::nullopt;
    };
    start_source();
    for (int i = 0; i < 100; ++i) {
        publish(std::to_string(i), std::to_string(i), {{"subject", "user:a"}});
    }
    EXPECT_EQ(stats().dead_letters, 0U);
    is_away = false;
    settle(0);
    const auto found = bodies();
    ASSERT_EQ(found.size(), 100U);
    for (std::size_t i = 0; i < found.size(); ++i) {
        EXPECT_EQ(found[i], std::to_string(i));
    }
}

}  // namespace
}  // namespace belfry::test
