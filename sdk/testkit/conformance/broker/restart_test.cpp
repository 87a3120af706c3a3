// The server is killed and started again.
#include "sdk/testkit/conformance/broker/command.hpp"
#include "sdk/testkit/conformance/broker/kit.hpp"
#include "sdk/testkit/conformance/crew.hpp"

#include <atomic>
#include <mutex>
#include <thread>

namespace belfry::conformance::broker {
namespace {

using sdk::Health;
using std::chrono::milliseconds;

constexpr std::chrono::seconds kRestartLimit{120};

/// How long it may take until all is well again.
milliseconds recovery() { return 2 * Kit::get().settings().patience(); }

class Restart : public Case {
protected:
    static void restart_server() { run_command(settings().restart(), kRestartLimit); }
    void wait_for_health(Health state, const std::string& what) {
        testkit::eventually(
            what, [&] { return host().health(node().instance.name()).state == state; }, recovery());
    }
};

/// Publishes until it is told to stop; what is put off is published again.
class Publisher {
public:
    Publisher(Node& node, const Place& place, std::string prefix)
        : node_(node), place_(place), prefix_(std::move(prefix)),
          crew_(1, [this](int /*thread*/) { run(); }) {}
    ~Publisher() { is_over_ = true; }
    Publisher(const Publisher&) = delete;
    Publisher& operator=(const Publisher&) = delete;

    [[nodiscard]] std::size_t count() const { return count_; }
    /// Returns when so many more are confirmed.
    void wait_for_more(std::size_t more) {
        const auto enough = count_ + more;
        testkit::eventually("more is confirmed", [&] { return count_ >= enough; }, recovery());
    }
    std::vector<std::string> stop() {
        is_over_ = true;
        crew_.wait();
        return confirmed_;
    }

private:
    void run() {
        for (std::size_t number = 1; !is_over_; ++number) {
            const auto body = prefix_ + std::to_string(number);
            while (!is_confirmed(body)) {
                std::this_thread::sleep_for(milliseconds(10));
                if (is_over_) {
                    return;
                }
            }
            confirmed_.push_back(body);
            ++count_;
        }
    }
    bool is_confirmed(const std::string& body) {
        const auto outcome = node_.publish(place_, text(body));
        if (!outcome.ok() && outcome.status != Status::retry &&
            outcome.status != Status::unavailable) {
            throw testkit::Failed("publish: " + outcome.message);
        }
        return outcome.ok();
    }

    Node& node_;
    const Place& place_;
    const std::string prefix_;
    std::vector<std::string> confirmed_;
    std::atomic<std::size_t> count_ = 0;
    std::atomic<bool> is_over_ = false;
    Crew crew_;
};

TEST_F(Restart, UnderLoadLosesNothingConfirmed) {
    auto& source = consume({.max_in_flight = 20});
    source.settle_all();
    source.lose_count();
    Publisher one(node(), place(), "one ");
    Publisher two(node(), place(), "two ");
    for (std::uint64_t i = 0; i < Kit::get().options().restarts; ++i) {
        one.wait_for_more(50);
        restart_server();
        one.wait_for_more(50);
        two.wait_for_more(1);
    }
    source.wait_for_all(one.stop());
    source.wait_for_all(two.stop());
    EXPECT_GE(source.stats().reconnects, 1U);
    wait_for_health(Health::ok, "health is ok");
    source.cancel();
    restart();
    expect_left({});
}

TEST_F(Restart, IsSeenInTheHealth) {
    auto& source = consume();
    source.settle_all();
    wait_for_health(Health::ok, "health is ok");
    const auto reconnects = source.stats().reconnects;
    std::string reason;
    Crew restarting(1, [](int /*thread*/) { restart_server(); });
    testkit::eventually(
        "health is down",
        [&] {
            const auto report = host().health(node().instance.name());
            reason = report.reason;
            return report.state == Health::down;
        },
        recovery());
    EXPECT_FALSE(reason.empty());
    restarting.wait();
    wait_for_health(Health::ok, "health is ok again");
    publish("after");
    (void)source.wait_for("after");
    source.wait_for_stats("a reconnect",
                          [&](const auto& stats) { return stats.reconnects > reconnects; });
}

TEST_F(Restart, BringsBackWhatIsNotSettled) {
    auto& source = consume();
    source.lose_count();
    const auto bodies = numbered("m", 5);
    publish_all(bodies);
    const auto seen = source.wait(5);
    restart_server();
    for (const auto& one : seen) {
        const auto again = source.wait_for(one.body, 2);
        if (can("coordinates")) {
            EXPECT_EQ(again.coordinates, one.coordinates);
        }
        source.ok(one);  // a token of before, which nobody knows any more
        source.ok(again);
    }
    source.wait_for_stats("nothing in flight",
                          [](const auto& stats) { return stats.in_flight == 0; });
    source.cancel();
    restart();
    expect_left({});
}

TEST_F(Restart, KeepsDeadLettersAndWhatIsToBeTriedAgain) {
    auto& source = consume();
    source.lose_count();
    publish_all({"dead", "later"});
    source.dead(source.wait_for("dead"), "bad");
    source.retry(source.wait_for("later"), milliseconds(500));
    (void)source.wait_for_dead(1);
    restart_server();
    source.ok(source.wait_for("later", 2));
    wait_for_health(Health::ok, "health is ok");
    EXPECT_EQ(bodies_of(source.wait_for_dead(1)), std::vector<std::string>{"dead"});
    EXPECT_EQ(source.replay(10), 1U);
    (void)source.wait_for("dead", 2);
}

TEST_F(Restart, LeavesAPausedSourcePaused) {
    auto& source = consume();
    source.settle_all();
    source.pause(true);
    publish("held");
    restart_server();
    wait_for_health(Health::ok, "health is ok");
    publish("held too");
    std::this_thread::sleep_for(milliseconds(400));  // what is not held would come
    EXPECT_EQ(source.count(), 0U);
    source.pause(false);
    source.wait_for_all({"held", "held too"});
}

TEST_F(Restart, LeavesTheBusListening) {
    if (!can("bus")) {
        return;
    }
    Ear ear(host());
    ASSERT_TRUE(node().listen({3}, ear).ok());
    restart_server();
    testkit::eventually(
        "heard",
        [&] {
            node().broadcast(3, "again");
            std::this_thread::sleep_for(milliseconds(20));
            return ear.has({3, "again"});
        },
        recovery());
    stop(node());
}

}  // namespace
}  // namespace belfry::conformance::broker
