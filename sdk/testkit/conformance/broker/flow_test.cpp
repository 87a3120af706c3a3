// How much is delivered at a time, and when not.
#include "sdk/testkit/conformance/broker/kit.hpp"
#include "sdk/testkit/conformance/crew.hpp"

#include <atomic>
#include <thread>

namespace belfry::conformance::broker {
namespace {

class Flow : public Case {};

/// Long enough that what is not held back would come.
constexpr std::chrono::milliseconds kMoment{400};

TEST_F(Flow, NeverHasMoreInFlightThanAgreed) {
    constexpr std::size_t kMost = 7;
    declare();
    (void)publish_at_once(texts(numbered("m", 200)));
    auto& source = consume({.max_in_flight = kMost});
    (void)source.wait(kMost);
    std::this_thread::sleep_for(kMoment);
    EXPECT_EQ(source.count(), kMost);
    std::size_t settled = 0;
    while (settled < 200) {
        // The source itself counts; one is settled for each that comes.
        const auto seen = source.wait(std::min<std::size_t>(settled + kMost, 200));
        source.ok(seen.at(settled));
        ++settled;
    }
    EXPECT_EQ(source.count(), 200U);
}

TEST_F(Flow, OfOneAtATimeComesToItsEnd) {
    auto& source = consume({.max_in_flight = 1});
    source.settle_all();
    const auto bodies = numbered("m", 100);
    (void)publish_at_once(texts(bodies));
    source.wait_for_all(bodies);
    EXPECT_EQ(source.count(), bodies.size());
}

TEST_F(Flow, IsOneCallOfDeliverAtATime) {
    declare();
    const auto bodies = numbered("m", 300);
    (void)publish_at_once(texts(bodies));
    auto& source = consume({.max_in_flight = 20});
    source.on_each([&](const Delivery& one) {
        // Time for a second call to come in.
        std::this_thread::sleep_for(std::chrono::microseconds(300));
        source.ok(one);
    });
    source.wait_for_all(bodies);
}

TEST_F(Flow, MayBeSettledOnManyThreads) {
    auto& source = consume({.max_in_flight = 64});
    (void)publish_at_once(texts(numbered("m", 400)));
    std::atomic<std::size_t> next = 0;
    Crew crew(4, [&](int /*thread*/) {
        for (std::size_t at = next++; at < 400; at = next++) {
            source.ok(source.wait(at + 1).at(at));
        }
    });
    crew.wait();
    source.wait_for_stats("nothing in flight",
                          [](const auto& stats) { return stats.in_flight == 0; });
    EXPECT_EQ(source.count(), 400U);
}

TEST_F(Flow, MayBeSettledInAnyOrderAndAtOnce) {
    constexpr std::size_t kCount = 60;
    auto& source = consume({.max_in_flight = kCount});
    (void)publish_at_once(texts(numbered("m", kCount)));
    const auto seen = source.wait(kCount);
    std::vector<bf_settlement> settlements;
    for (auto one = seen.rbegin(); one != seen.rend(); ++one) {
        settlements.push_back({sizeof(bf_settlement), BF_SETTLED_OK, one->token, 0, {}});
    }
    node().table.settle(node().instance.handle(), sdk::str(source.name()), settlements.data(),
                        settlements.size());
    source.wait_for_stats("nothing in flight",
                          [](const auto& stats) { return stats.in_flight == 0; });
    restart();
    expect_left({});
}

TEST_F(Flow, StopsWhilePausedAndGoesOnWithoutLossOrRepeat) {
    auto& source = consume({.max_in_flight = 10});
    source.settle_all();
    const auto before = numbered("before ", 50);
    (void)publish_at_once(texts(before));
    source.wait_for_all(before);
    source.pause(true);
    std::this_thread::sleep_for(kMoment);  // "soon"
    const auto during = numbered("during ", 50);
    (void)publish_at_once(texts(during));
    std::this_thread::sleep_for(kMoment);
    EXPECT_EQ(source.count(), before.size()) << "paused";
    source.pause(false);
    source.wait_for_all(during);
    EXPECT_EQ(source.count(), before.size() + during.size());
}

TEST_F(Flow, MayBeSettledWhilePaused) {
    auto& source = consume({.max_in_flight = 5});
    (void)publish_at_once(texts(numbered("m", 10)));
    const auto seen = source.wait(5);
    source.pause(true);
    for (const auto& one : seen) {
        source.ok(one);
    }
    std::this_thread::sleep_for(kMoment);
    EXPECT_EQ(source.count(), 5U);
    source.settle_all();
    source.pause(false);
    source.wait_for_all(numbered("m", 10));
    EXPECT_EQ(source.count(), 10U);
}

TEST_F(Flow, SurvivesPausingAgainAndAgain) {
    auto& source = consume({.max_in_flight = 10});
    source.settle_all();
    const auto bodies = numbered("m", 300);
    Crew crew(1, [&](int /*thread*/) { (void)publish_at_once(texts(bodies)); });
    for (int i = 0; i < 40; ++i) {
        source.pause(i % 2 == 0);
        std::this_thread::sleep_for(std::chrono::milliseconds(3));
    }
    crew.wait();
    source.pause(false);
    source.wait_for_all(bodies);
    EXPECT_EQ(source.count(), bodies.size());
}

TEST_F(Flow, OfManySourcesIsTheirOwn) {
    constexpr std::size_t kSources = 8;
    std::vector<Source*> sources;
    std::vector<Place> places;
    for (std::size_t i = 0; i < kSources; ++i) {
        places.push_back(Kit::get().new_place());
        auto& source = make_source(node(), places[i], {.name = "in-" + std::to_string(i)});
        source.settle_all();
        source.consume();
        sources.push_back(&source);
    }
    for (std::size_t number = 0; number < 20; ++number) {
        for (std::size_t i = 0; i < kSources; ++i) {
            const auto body = std::to_string(i) + "/" + std::to_string(number);
            ASSERT_TRUE(node().publish(places[i], text(body)).ok());
        }
    }
    for (std::size_t i = 0; i < kSources; ++i) {
        for (const auto& one : sources[i]->wait(20)) {
            EXPECT_EQ(one.body.substr(0, 2), std::to_string(i) + "/");
        }
    }
}

TEST_F(Flow, OfOneSourceIsSharedByInstances) {
    auto& one = consume({.max_in_flight = 5});
    one.settle_all();
    Node& second = add_node("second");
    auto& other = make_source(second, place(), {.max_in_flight = 5});
    other.settle_all();
    other.consume();
    const auto bodies = numbered("m", 200);
    (void)publish_at_once(texts(bodies));
    testkit::eventually(
        "all delivered", [&] { return one.count() + other.count() >= 200; }, settings().patience());
    for (const auto& body : bodies) {
        EXPECT_GE(one.count_of(body) + other.count_of(body), 1U) << body;
    }
}

}  // namespace
}  // namespace belfry::conformance::broker
