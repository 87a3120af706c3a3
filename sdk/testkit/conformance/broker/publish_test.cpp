// From the publisher's call to the delivery.
#include "sdk/testkit/conformance/broker/kit.hpp"
#include "sdk/testkit/conformance/crew.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>

namespace belfry::conformance::broker {
namespace {

class Publish : public Case {};

TEST_F(Publish, ConfirmedIsDeliveredToWhoConsumesLater) {
    declare();
    const auto bodies = numbered("early ", 20);
    publish_all(bodies);
    auto& source = consume();
    source.settle_all();
    source.wait_for_all(bodies);
}

TEST_F(Publish, ConfirmedIsDeliveredToWhoConsumesAlready) {
    auto& source = consume();
    for (const auto& body : numbered("now ", 20)) {
        publish(body);
        source.ok(source.wait_for(body));
    }
    EXPECT_EQ(source.count(), 20U);
}

TEST_F(Publish, ManyAtOnceAreEachDeliveredOnce) {
    auto& source = consume();
    source.settle_all();
    const auto confirmed = publish_at_once(texts(numbered("many ", many())));
    source.wait_for_all(confirmed);
    source.wait_for_stats("nothing is left", [](const auto& stats) {
        return stats.in_flight == 0 && (stats.lag == 0 || stats.lag == UINT64_MAX);
    });
    EXPECT_EQ(source.count(), many());
}

TEST_F(Publish, FromFourThreadsIsDelivered) {
    auto& source = consume();
    source.settle_all();
    const std::size_t each = many() / 4;
    Node& publisher = node();
    Crew crew(4, [&](int thread) {
        for (const auto& body : numbered("thread " + std::to_string(thread) + " ", each)) {
            const auto outcome = publisher.publish(place(), text(body));
            if (!outcome.ok()) {
                throw testkit::Failed("publish: " + outcome.message);
            }
        }
    });
    crew.wait();
    for (int thread = 0; thread < 4; ++thread) {
        source.wait_for_all(numbered("thread " + std::to_string(thread) + " ", each));
    }
    EXPECT_EQ(source.count(), 4 * each);
}

TEST_F(Publish, FromAnotherInstanceIsDelivered) {
    auto& source = consume();
    source.settle_all();
    Node& other = add_node("other");
    ASSERT_TRUE(other.publish(place(), text("from afar")).ok());
    EXPECT_EQ(source.wait_for("from afar").body, "from afar");
}

/// More than any broker takes at once: each is confirmed, or put off with a time.
TEST_F(Publish, IsBounded) {
    declare();
    constexpr std::size_t kFlood = 20'000;
    std::vector<Call<>> calls;
    calls.reserve(kFlood);
    const auto bodies = numbered("flood ", kFlood);
    for (const auto& body : bodies) {
        calls.push_back(node().begin_publish(place(), text(body)));
    }
    std::vector<std::string> confirmed;
    for (std::size_t i = 0; i < kFlood; ++i) {
        const auto outcome = calls[i].wait();
        ASSERT_TRUE(outcome.ok() || outcome.status == Status::retry) << outcome.message;
        ASSERT_TRUE(outcome.ok() || outcome.retry_after > 0) << outcome.message;
        if (outcome.ok()) {
            confirmed.push_back(bodies[i]);
        }
    }
    ASSERT_FALSE(confirmed.empty());
    auto& source = consume({.max_in_flight = 1'000});
    source.settle_all();
    source.wait_for_all(confirmed);
}

TEST_F(Publish, KeepsTheOrderOfEachKey) {
    declare();
    constexpr std::size_t kKeys = 5;
    std::vector<Out> outs;
    outs.reserve(many());
    for (std::size_t number = 0; number < many(); ++number) {
        outs.push_back(
            text("ordered " + std::to_string(number), "key-" + std::to_string(number % kKeys)));
    }
    // Half of them wait for the source, half come while it consumes.
    const auto middle = outs.begin() + static_cast<std::ptrdiff_t>(outs.size() / 2);
    std::vector<Call<>> calls;
    const auto begin_all = [&](auto from, auto to) {
        std::for_each(from, to, [&](const Out& out) {
            calls.push_back(node().begin_publish(place(), out));
            if (calls.size() % 100 == 0) {
                ASSERT_TRUE(calls.back().wait().ok());
            }
        });
    };
    begin_all(outs.begin(), middle);
    ASSERT_TRUE(calls.back().wait().ok());
    auto& source = consume({.max_in_flight = 50});
    source.settle_all();
    begin_all(middle, outs.end());
    std::map<std::size_t, std::size_t> last;
    for (const auto& one : source.wait(outs.size())) {
        const auto number = std::stoul(one.body.substr(sizeof "ordered " - 1));
        const auto [before, is_first] = last.try_emplace(number % kKeys, number);
        ASSERT_TRUE(is_first || before->second < number)
            << number << " came after " << before->second;
        before->second = number;
    }
}

TEST_F(Publish, ToNowhereIsNotFound) {
    declare();
    Place nowhere = place();
    nowhere.destination = "nowhere_" + nowhere.name;
    const auto outcome = node().publish(nowhere, text("lost"));
    EXPECT_EQ(outcome.status, Status::not_found) << outcome.message;
    EXPECT_NE(outcome.message.find(nowhere.destination), std::string::npos)
        << "expected the name of the destination, found: " << outcome.message;
}

}  // namespace
}  // namespace belfry::conformance::broker
