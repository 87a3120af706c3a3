#include "daemon/mailbox/retention.hpp"

#include "tests/unit/mailbox/core.hpp"

#include <gtest/gtest.h>

namespace belfry::test {
namespace {

constexpr Nanos kMinute = 60 * kSecond;
constexpr Nanos kHour = 60 * kMinute;

/// Everything the storage has, kept in order by a Retention.
struct Keeper {
    explicit Keeper(const RetentionSettings& settings)
        : retention(core.home, core.ingest, core.world, settings, core.metrics) {
        core.home.post([this] { retention.start(); });
    }
    std::uint64_t earliest(const std::string& stream) {
        return core.entries(stream).empty() ? 0 : core.entries(stream).front().seq;
    }

    Core core;
    Retention retention;
};

TEST(Retention, ForgetsWhatIsTooOld) {
    Keeper keeper({.age = kHour, .interval = kMinute});
    keeper.core.publish(draft_to("user:a"));
    keeper.core.run(50 * kMinute);
    keeper.core.publish(draft_to("user:a"));
    EXPECT_EQ(keeper.earliest("user:a"), 1U);
    keeper.core.run(12 * kMinute);
    EXPECT_EQ(keeper.earliest("user:a"), 2U);
}

TEST(Retention, KeepsTheNewestOfEachStream) {
    Keeper keeper({.entries = 2, .interval = kMinute});
    for (int i = 0; i < 5; ++i) {
        keeper.core.publish(draft_to("user:a"));
    }
    keeper.core.publish(draft_to("user:b"));
    keeper.core.run(2 * kMinute);
    EXPECT_EQ(keeper.earliest("user:a"), 4U);
    EXPECT_EQ(keeper.earliest("user:b"), 1U);
}

TEST(Retention, ForgetsWhatHasExpiredWithoutBeingAsked) {
    Keeper keeper({.interval = kMinute});
    Draft draft = draft_to("user:a");
    draft.expires_at = keeper.core.world.now() + kHour;
    keeper.core.publish(draft);
    keeper.core.publish(draft_to("user:a"));
    keeper.core.run(59 * kMinute);
    EXPECT_EQ(keeper.earliest("user:a"), 1U);
    keeper.core.run(3 * kMinute);
    EXPECT_EQ(keeper.earliest("user:a"), 2U);
}

TEST(Retention, TakesMuchInSmallCommits) {
    Keeper keeper({.entries = 1, .interval = kMinute});
    for (int i = 0; i < 3'500; ++i) {
        keeper.core.mailbox.publish(draft_to("user:a"), [](const Result<Published>&) {});
    }
    keeper.core.run(kSecond);
    const auto before = keeper.core.storage.commits();
    keeper.core.run(kMinute + kSecond);
    EXPECT_EQ(keeper.earliest("user:a"), 3'500U);
    EXPECT_GE(keeper.core.storage.commits() - before, 4U);
}

TEST(Retention, GoesOnWhenTheStorageIsBack) {
    Keeper keeper({.entries = 1, .interval = kMinute});
    keeper.core.publish(draft_to("user:a"));
    keeper.core.publish(draft_to("user:a"));
    bool is_away = true;
    keeper.core.storage.commit_fault = [&]() -> std::optional<CommitFault> {
        return is_away ? std::optional(CommitFault{Error{Code::unavailable, "away"}})
                       : std::nullopt;
    };
    keeper.core.run(2 * kMinute);
    EXPECT_EQ(keeper.earliest("user:a"), 1U);
    is_away = false;
    keeper.core.run(2 * kMinute);
    EXPECT_EQ(keeper.earliest("user:a"), 2U);
}

}  // namespace
}  // namespace belfry::test
