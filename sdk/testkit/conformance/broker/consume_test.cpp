// Sources: how they begin and end, and which configurations are none.
#include "sdk/testkit/conformance/broker/kit.hpp"

#include <boost/json.hpp>

#include <thread>

namespace belfry::conformance::broker {
namespace {

class Consume : public Case {
protected:
    /// Consumes with this configuration.
    Outcome<> consume_with(std::string_view config, std::string_view name = "bad",
                           std::uint64_t max_in_flight = 10) {
        const bf_source wire{sizeof wire,   0,       sdk::str(name), sdk::str(config),
                             max_in_flight, &never_, &Never::deliver};
        const Call<> call(node().instance, "consume");
        node().table.consume(node().instance.handle(), &wire, call.done());
        return call.wait();
    }
    struct Never {
        static void deliver(void* /*ctx*/, const bf_message* /*messages*/,
                            std::uint64_t /*count*/) {
            ADD_FAILURE() << "a source that was refused delivers";
        }
    };
    static std::string merged(boost::json::object into, const boost::json::object& what) {
        for (const auto& [key, value] : what) {
            into[key] = value;
        }
        return boost::json::serialize(into);
    }

private:
    Never never_;
};

TEST_F(Consume, AfterTheCancelNothingIsDelivered) {
    auto& source = consume({.max_in_flight = 5});
    source.settle_all();
    (void)publish_at_once(texts(numbered("m", 50)));
    (void)source.wait(3);
    source.cancel();  // the source itself finds what comes after that
    (void)publish_at_once(texts(numbered("late ", 20)));
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    for (const auto& body : source.bodies()) {
        EXPECT_NE(body.substr(0, 4), "late");
    }
}

TEST_F(Consume, MayBeginAgainAfterTheCancel) {
    for (int round = 1; round <= 5; ++round) {
        auto& source = consume();
        source.settle_all();
        const auto bodies = numbered("round " + std::to_string(round) + "/", 5);
        publish_all(bodies);
        source.wait_for_all(bodies);
        source.wait_for_stats("nothing in flight",
                              [](const auto& stats) { return stats.in_flight == 0; });
        EXPECT_EQ(source.count(), 5U);
        source.cancel();
    }
}

TEST_F(Consume, CancelFromInsideDeliverCompletes) {
    auto& source = consume({.max_in_flight = 1});
    Call<> cancelled(node().instance, "cancel");
    source.on_each([&](const Delivery& one) {
        source.ok(one);
        node().table.cancel(node().instance.handle(), sdk::str(source.name()), cancelled.done());
    });
    publish("a");
    (void)source.wait_for("a");
    EXPECT_TRUE(cancelled.wait().ok());
    source.close();
    publish("b");
    restart();
    expect_left({"b"});
}

TEST_F(Consume, OfANameThatIsTakenIsAConflict) {
    auto& source = consume();
    source.settle_all();
    const auto outcome = make_source().try_consume();
    EXPECT_EQ(outcome.status, Status::conflict) << outcome.message;
    EXPECT_NE(outcome.message.find(source.name()), std::string::npos)
        << "expected the source's name, found: " << outcome.message;
    publish("a");
    (void)source.wait_for("a");
}

TEST_F(Consume, CallsForASourceThatIsNoneAreNotFound) {
    EXPECT_EQ(node().cancel("nobody").status, Status::not_found);
    EXPECT_EQ(node().stats("nobody").status, Status::not_found);
    node().pause("nobody", true);
    auto& source = consume();
    source.cancel();
    EXPECT_EQ(node().cancel(source.name()).status, Status::not_found);
}

TEST_F(Consume, OfWhatIsNoConfigurationIsInvalid) {
    for (const auto* config : {"", "{", "[]", "7", "null", "{}", "\xff"}) {
        const auto outcome = consume_with(config);
        EXPECT_EQ(outcome.status, Status::invalid) << config << ": " << outcome.message;
    }
    const auto good = config_of(place(), {});
    EXPECT_EQ(consume_with(good, "").status, Status::invalid) << "no name";
    EXPECT_EQ(consume_with(good, "bad", 0).status, Status::invalid) << "max_in_flight 0";
}

TEST_F(Consume, OfAWrongKeyIsInvalidAndNamesIt) {
    namespace json = boost::json;
    auto wrong = settings().bad_sources(place().name);
    wrong.emplace_back("retry", json::object{{"retry", "often"}});
    wrong.emplace_back("limit", json::object{{"retry", {{"limit", 0}}}});
    wrong.emplace_back("first", json::object{{"retry", {{"first", -1}}}});
    wrong.emplace_back("factor", json::object{{"retry", {{"factor", "two"}}}});
    wrong.emplace_back("dead_letters", json::object{{"dead_letters", 7}});
    for (const auto& [key, members] : wrong) {
        const auto outcome = consume_with(merged(place().source, members));
        EXPECT_EQ(outcome.status, Status::invalid) << key << ": " << outcome.message;
        EXPECT_NE(outcome.message.find(key), std::string::npos)
            << "expected the key " << key << ", found: " << outcome.message;
    }
    auto& source = consume();
    source.settle_all();
    publish("a");
    (void)source.wait_for("a");
}

/// The daemon reads it; testkit has no reader of schemas, so it is JSON that names the keys.
TEST_F(Consume, HasASchemaOfItsConfiguration) {
    const auto text = sdk::view(node().table.source_schema);
    boost::json::error_code error;
    const auto schema = boost::json::parse(text, error);
    ASSERT_FALSE(error) << text;
    ASSERT_TRUE(schema.is_object());
    const auto& properties = schema.at("properties").as_object();
    EXPECT_TRUE(properties.contains("dead_letters"));
    ASSERT_TRUE(properties.contains("retry"));
    for (const auto* key : {"limit", "first", "factor", "longest"}) {
        EXPECT_TRUE(properties.at("retry").at("properties").as_object().contains(key)) << key;
    }
    for (const auto& [key, value] : place().source) {
        EXPECT_TRUE(properties.contains(key)) << key;
    }
}

}  // namespace
}  // namespace belfry::conformance::broker
