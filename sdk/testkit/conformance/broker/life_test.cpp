// From create to destroy: what is answered when.
#include "sdk/testkit/conformance/broker/kit.hpp"

#include <functional>
#include <memory>
#include <thread>

namespace belfry::conformance::broker {
namespace {

/// Outlives its instance; says how a call went that the rules of abi.h do not allow.
struct Answer {
    static void complete(void* ctx, const bf_result* result, const void* /*value*/) {
        auto& self = *static_cast<Answer*>(ctx);
        self.status = result->status;
        ++self.completions;
    }
    [[nodiscard]] bf_done done() { return {this, &Answer::complete}; }

    std::uint32_t status = BF_OK;
    int completions = 0;
};

class Life : public Case {
protected:
    std::unique_ptr<testkit::Instance> created() {
        return std::make_unique<testkit::Instance>(Kit::get().plugin().create("broker", config()));
    }
    static void deliver(void* /*ctx*/, const bf_message* /*messages*/, std::uint64_t /*count*/) {
        ADD_FAILURE() << "an instance that does not run delivers";
    }
    static void hear(void* /*ctx*/, std::uint32_t /*partition*/, bf_bytes /*message*/) {
        ADD_FAILURE() << "an instance that does not run hears";
    }

    /// Every call there is, one after the other.
    void call_everything(const testkit::Instance& instance) {
        const auto& table = instance.table<bf_broker>();
        auto* handle = instance.handle();
        const std::string json = config_of(place(), {});
        const bf_str name = sdk::str("in");
        bf_message message{};
        message.size = sizeof message;
        message.destination = sdk::str(place().destination);
        message.exchange = sdk::str(place().exchange);
        const bf_source source{sizeof source, 0, name, sdk::str(json), 1, this, &Life::deliver};
        const std::uint32_t partition = 0;
        const bf_settlement settlement{sizeof settlement, BF_SETTLED_OK, 1, 0, {}};
        table.settle(handle, name, &settlement, 1);
        table.pause(handle, name, 1);
        table.broadcast(handle, 0, sdk::bytes_of(std::string_view("x")));
        const std::vector<std::function<void(bf_done)>> calls{
            [&](bf_done done) { table.publish(handle, &message, done); },
            [&](bf_done done) { table.consume(handle, &source, done); },
            [&](bf_done done) { table.cancel(handle, name, done); },
            [&](bf_done done) { table.listen(handle, &partition, 1, this, &Life::hear, done); },
            [&](bf_done done) { table.source_stats(handle, name, done); },
            [&](bf_done done) { table.dead_letters(handle, name, 1, done); },
            [&](bf_done done) { table.replay(handle, name, 1, INT64_MAX, done); }};
        for (const auto& call : calls) {
            call(answers_.emplace_back(std::make_unique<Answer>())->done());
        }
    }
    void expect_closed() const {
        for (std::size_t i = 0; i < answers_.size(); ++i) {
            EXPECT_EQ(answers_[i]->completions, 1) << "call " << i;
            EXPECT_EQ(answers_[i]->status, BF_CLOSED) << "call " << i;
        }
    }

    std::vector<std::unique_ptr<Answer>> answers_;
};

TEST_F(Life, ClosesCallsAfterItHasStopped) {
    const auto instance = created();
    instance->start();
    instance->stop();
    call_everything(*instance);
    expect_closed();
}

TEST_F(Life, ClosesCallsBeforeItHasStarted) {
    const auto instance = created();
    call_everything(*instance);
    instance->start();
    instance->stop();
    expect_closed();
}

TEST_F(Life, MayBeDestroyedWithoutAStart) { EXPECT_NE(created()->handle(), nullptr); }

TEST_F(Life, MayBeStartedAndStoppedAgainAndAgain) {
    for (int i = 0; i < 5; ++i) {
        const auto instance = created();
        instance->start();
        instance->stop();
    }
}

TEST_F(Life, StopAnswersWhatIsUnderWay) {
    declare();
    std::vector<Call<>> calls;
    const std::vector<std::string> bodies = numbered("m", 500);
    calls.reserve(bodies.size());
    for (const auto& body : bodies) {
        calls.push_back(node().begin_publish(place(), text(body)));
    }
    stop(node());
    std::vector<std::string> confirmed;
    for (std::size_t i = 0; i < calls.size(); ++i) {
        ASSERT_TRUE(calls[i].ready()) << i;
        if (calls[i].wait().ok()) {
            confirmed.push_back(bodies[i]);
        }
    }
    restart();
    auto& source = consume();
    source.settle_all();
    source.wait_for_all(confirmed);
}

/// The source and the ledger of calls find what comes after the stop.
TEST_F(Life, StopInTheMiddleOfTrafficEndsIt) {
    for (int round = 0; round < 5; ++round) {
        auto& source = consume({.max_in_flight = 8});
        source.on_each(
            [&](const Delivery& one) { source.retry(one, std::chrono::milliseconds(1)); });
        std::vector<Call<>> calls;
        const auto bodies = numbered("round " + std::to_string(round) + "/", 100);
        calls.reserve(bodies.size());
        for (const auto& body : bodies) {
            calls.push_back(node().begin_publish(place(), text(body)));
        }
        (void)source.wait(5);
        restart();
    }
}

TEST_F(Life, DrainWaitsForWhatIsInFlightAndDeliversNoMore) {
    auto& source = consume({.max_in_flight = 3});
    publish_all(numbered("m", 10));
    const auto seen = source.wait(3);
    const auto drained = node().instance.begin_drain(std::chrono::seconds(60));
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    source.ok(seen[0]);
    source.ok(seen[1]);
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    EXPECT_FALSE(drained.ready());
    source.ok(seen[2]);
    EXPECT_TRUE(drained.wait().ok());
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    EXPECT_EQ(source.count(), 3U);
    restart();
    auto left = numbered("m", 10);
    for (const auto& one : seen) {
        std::erase(left, one.body);
    }
    expect_left(left);
}

TEST_F(Life, DrainEndsAtItsDeadline) {
    auto& source = consume();
    publish("held");
    (void)source.wait_for("held");
    const auto start = Clock::now();
    node().instance.drain(std::chrono::milliseconds(300));
    EXPECT_LT(Clock::now() - start, std::chrono::seconds(10));
    restart();
    expect_left({"held"});
}

TEST_F(Life, ChecksAndAppliesItsOwnConfiguration) {
    EXPECT_EQ(Kit::get().plugin().check(config()), std::nullopt);
    const auto applied = node().instance.apply(config());
    EXPECT_TRUE(applied == BF_APPLIED || applied == BF_APPLY_RESTART) << host().take_failure();
    auto& source = consume();
    publish("after");
    (void)source.wait_for("after");
}

}  // namespace
}  // namespace belfry::conformance::broker
