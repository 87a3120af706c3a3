/// Several nodes over one storage, on one clock that the tests own.
#include "daemon/live/presence.hpp"

#include "tests/simulation/world.hpp"
#include "tests/support/memory_storage.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace belfry::live::test {
namespace {

constexpr Nanos kOfflineAfter = 10 * kSecond;
constexpr Nanos kLease = 15 * kSecond;
/// A node's death is certain after this: its lease, and two looks of the others.
constexpr Nanos kBuried = kLease + 2 * (kLease / 3) + kSecond;

struct PresenceNode {
    PresenceNode(sim::World& world, Storage& storage, const std::string& name)
        : home(world.make_executor()),
          ingest(home, storage, world, {}, metrics, [](const CommittedBatch&) {}),
          mailbox(ingest, storage, world, world, {}),
          presence({home, ingest, storage, mailbox, world}, world, metrics,
                   {name, kOfflineAfter, "topic:presence", kLease}) {
        presence.start();
    }

    sim::SimExecutor& home;
    Metrics metrics;
    Ingest ingest;
    Mailbox mailbox;
    Presence presence;
};

class PresenceTest : public testing::Test {
protected:
    PresenceTest() {
        storage_.delay = [this] { return static_cast<Nanos>(world_.below(5) * kMillisecond); };
    }

    PresenceNode& start(const std::string& name) {
        auto& node = *nodes_.emplace_back(std::make_unique<PresenceNode>(world_, storage_, name));
        run(kSecond);
        return node;
    }
    void run(Nanos time) { world_.run_until(world_.now() + time); }

    /// The events since the last call, as "+alice -bob".
    std::string events() {
        std::string told;
        storage_.read(
            {.stream = "topic:presence", .after = seen_, .limit = 100'000, .max_bytes = 1U << 30U},
            observer_, [&](const Result<Page>& page) {
                for (const Entry& entry : page->entries) {
                    const auto data = boost::json::parse(entry.notification->data);
                    const bool is_on = entry.notification->type == "belfry.user.online";
                    EXPECT_TRUE(is_on || entry.notification->type == "belfry.user.offline");
                    told += told.empty() ? "" : " ";
                    told += is_on ? '+' : '-';
                    told += data.at("user").as_string().c_str();
                    seen_ = entry.seq;
                }
            });
        run(10 * kMillisecond);
        return told;
    }
    std::string nodes_of(const std::string& user) {
        std::string told = "unknown";
        storage_.get("presence", user, observer_, [&](const Result<Document>& found) {
            if (const auto known =
                    found ? PresenceDocument::parse(found->document) : std::nullopt) {
                told = known->is_online ? "online" : "offline";
                for (const std::string& id : known->nodes) {
                    told += ' ' + std::string(node_of(id));
                }
            }
        });
        run(10 * kMillisecond);
        return told;
    }

    sim::World world_{11};
    sim::SimExecutor& observer_ = world_.make_executor();
    belfry::test::MemoryStorage storage_;
    std::vector<std::unique_ptr<PresenceNode>> nodes_;
    std::uint64_t seen_ = 0;
};

TEST_F(PresenceTest, OnlineAtOnceAndOfflineAfterAWhile) {
    PresenceNode& node = start("a");
    EXPECT_EQ(nodes_of("alice"), "unknown");
    node.presence.note("alice", true);
    run(100 * kMillisecond);
    EXPECT_EQ(events(), "+alice");
    EXPECT_EQ(nodes_of("alice"), "online a");
    node.presence.note("alice", false);
    run(kOfflineAfter - kSecond);
    EXPECT_EQ(events(), "");
    EXPECT_EQ(nodes_of("alice"), "online a");
    run(2 * kSecond);
    EXPECT_EQ(events(), "-alice");
    EXPECT_EQ(nodes_of("alice"), "offline");
    run(10 * kBuried);
    EXPECT_EQ(events(), "");
}

TEST_F(PresenceTest, ReloadsCostNothing) {
    PresenceNode& node = start("a");
    node.presence.note("alice", true);
    run(kSecond);
    const std::size_t commits = storage_.commits();
    for (int i = 0; i < 10; ++i) {
        node.presence.note("alice", false);
        run(100 * kMillisecond);
        node.presence.note("alice", true);
    }
    run(kOfflineAfter);
    EXPECT_EQ(events(), "+alice");
    EXPECT_LE(storage_.commits() - commits, 3U) << "the lease's renewals only";
    node.presence.note("alice", true);
    node.presence.note("alice", false);
    run(2 * kOfflineAfter);
    EXPECT_EQ(events(), "") << "another session is still there";
}

TEST_F(PresenceTest, MovingToAnotherNodeIsNoChange) {
    PresenceNode& a = start("a");
    PresenceNode& b = start("b");
    a.presence.note("alice", true);
    run(kSecond);
    a.presence.note("alice", false);
    run(kOfflineAfter / 2);
    b.presence.note("alice", true);
    run(2 * kOfflineAfter);
    EXPECT_EQ(events(), "+alice");
    EXPECT_EQ(nodes_of("alice"), "online b");
    b.presence.note("alice", false);
    run(2 * kOfflineAfter);
    EXPECT_EQ(events(), "-alice");
}

TEST_F(PresenceTest, ADeadNodesUsersGoOfflineOnce) {
    PresenceNode& a = start("a");
    PresenceNode& b = start("b");
    start("c");
    for (int i = 0; i < 200; ++i) {
        a.presence.note("u" + std::to_string(i), true);
    }
    a.presence.note("both", true);
    b.presence.note("both", true);
    a.presence.note("mover", true);
    run(3 * kSecond);
    a.home.kill();
    run(kSecond);
    b.presence.note("mover", true);
    seen_ = 0;
    events();
    run(kLease - 2 * kSecond);
    EXPECT_EQ(events(), "") << "it might come back";
    run(kBuried - kLease);
    const std::string told = events();
    EXPECT_EQ(std::ranges::count(told, '-'), 200);
    EXPECT_FALSE(told.contains('+'));
    EXPECT_EQ(nodes_of("both"), "online b");
    EXPECT_EQ(nodes_of("mover"), "online b");
    run(5 * kBuried);
    EXPECT_EQ(events(), "");
    std::size_t left = 0;
    storage_.find({.collection = "presence.nodes"}, observer_,
                  [&](const Result<Documents>& found) { left = found->documents.size(); });
    run(kSecond);
    EXPECT_EQ(left, 2U) << "the dead one is forgotten";
}

TEST_F(PresenceTest, WhoBuriesMayDieInTheMiddle) {
    PresenceNode& a = start("a");
    PresenceNode& b = start("b");
    for (int i = 0; i < 300; ++i) {
        a.presence.note("u" + std::to_string(i), true);
    }
    run(3 * kSecond);
    events();
    a.home.kill();
    std::string told;
    while (told.empty()) {
        run(20 * kMillisecond);
        told = events();
    }
    b.home.kill();
    start("c");
    run(2 * kBuried);
    told += ' ' + events();
    EXPECT_EQ(std::ranges::count(told, '-'), 300);
    EXPECT_FALSE(told.contains('+'));
}

TEST_F(PresenceTest, APausedNodeRegistersItsUsersAgain) {
    PresenceNode& a = start("a");
    start("b");
    a.presence.note("alice", true);
    run(kSecond);
    a.home.pause(true);
    a.presence.note("late", true);
    run(3 * kBuried);
    EXPECT_EQ(events(), "+alice -alice");
    a.home.pause(false);
    run(kLease);
    EXPECT_EQ(nodes_of("alice"), "online a");
    EXPECT_EQ(nodes_of("late"), "online a");
    run(3 * kBuried);
    EXPECT_EQ(nodes_of("alice"), "online a");
    const std::string told = events();
    EXPECT_TRUE(told == "+alice +late" || told == "+late +alice") << told;
}

TEST_F(PresenceTest, StorageAwayForLongIsNoDeath) {
    PresenceNode& a = start("a");
    start("b");
    a.presence.note("alice", true);
    run(kSecond);
    storage_.commit_fault = [] {
        return belfry::test::CommitFault{{Code::unavailable, "away"}, false};
    };
    a.presence.note("bob", true);
    run(4 * kLease);
    EXPECT_EQ(events(), "+alice");
    storage_.commit_fault = nullptr;
    run(4 * kBuried);
    EXPECT_EQ(nodes_of("alice"), "online a");
    EXPECT_EQ(nodes_of("bob"), "online a");
}

TEST_F(PresenceTest, TenThousandAtOnceAreGroupCommits) {
    PresenceNode& node = start("a");
    const std::size_t before = storage_.commits();
    for (int i = 0; i < 10'000; ++i) {
        node.presence.note("u" + std::to_string(i), true);
    }
    run(10 * kSecond);
    EXPECT_EQ(std::ranges::count(events(), '+'), 10'000);
    EXPECT_LT(storage_.commits() - before, 5000U);
}

/// Users come, go and move between nodes that fail, stop and die, over a storage that fails: what
/// is told of a user alternates, and ends with the truth.
void race(std::uint64_t seed) {
    sim::World world(seed);
    belfry::test::MemoryStorage storage;
    sim::SimExecutor& observer = world.make_executor();
    bool is_healed = false;
    storage.delay = [&] { return static_cast<Nanos>(world.below(30) * kMillisecond); };
    storage.commit_fault = [&]() -> std::optional<belfry::test::CommitFault> {
        if (is_healed || !world.chance(10)) {
            return std::nullopt;
        }
        return world.chance(2)
                   ? belfry::test::CommitFault{{Code::unavailable, "full"}, false}
                   : belfry::test::CommitFault{{Code::retry, "connection lost"}, world.chance(2)};
    };
    std::vector<std::unique_ptr<PresenceNode>> all;
    std::vector<PresenceNode*> alive;
    std::map<std::pair<PresenceNode*, std::string>, int> sessions;
    const auto add = [&] {
        all.push_back(std::make_unique<PresenceNode>(world, storage, "n"));
        alive.push_back(all.back().get());
    };
    add();
    add();
    for (int step = 0; step < 400; ++step) {
        PresenceNode* node = alive[world.below(alive.size())];
        const std::string user = "u" + std::to_string(world.below(4));
        int& open = sessions[{node, user}];
        if (open > 0 && world.chance(2)) {
            --open;
            node->presence.note(user, false);
        } else {
            ++open;
            node->presence.note(user, true);
        }
        if (world.chance(60)) {
            node->home.kill();
            std::erase(alive, node);
            std::erase_if(sessions, [&](const auto& one) { return one.first.first == node; });
            add();
        } else if (world.chance(30)) {
            node->home.pause(true);
            world.at(static_cast<Nanos>(world.below(60)) * kSecond, observer,
                     [node] { node->home.pause(false); });
        }
        world.run_until(world.now() + static_cast<Nanos>(world.below(3000)) * kMillisecond);
    }
    world.run_until(world.now() + 60 * kSecond);
    is_healed = true;
    world.run_until(world.now() + 4 * kBuried);
    std::map<std::string, bool> online;
    storage.read({.stream = "topic:presence", .limit = 100'000, .max_bytes = 1U << 30U}, observer,
                 [&](const Result<Page>& page) {
                     for (const Entry& entry : page->entries) {
                         const auto data = boost::json::parse(entry.notification->data);
                         const std::string user = data.at("user").as_string().c_str();
                         const bool is_on = entry.notification->type == "belfry.user.online";
                         EXPECT_NE(online[user], is_on)
                             << user << " twice in a row, seq " << entry.seq;
                         online[user] = is_on;
                     }
                 });
    world.run_until(world.now() + kSecond);
    for (int i = 0; i < 4; ++i) {
        const std::string user = "u" + std::to_string(i);
        bool is_there = false;
        for (const auto& [key, open] : sessions) {
            is_there = is_there || (key.second == user && open > 0);
        }
        EXPECT_EQ(online[user], is_there) << user;
    }
    for (const auto& node : all) {
        node->home.kill();
    }
}

TEST(PresenceRace, WhatIsToldAlternatesAndEndsWithTheTruth) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        race(seed);
        ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
    }
}

}  // namespace
}  // namespace belfry::live::test
