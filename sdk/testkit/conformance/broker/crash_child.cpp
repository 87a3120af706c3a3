#include "sdk/testkit/conformance/broker/crash_child.hpp"

#include "sdk/testkit/conformance/broker/kit.hpp"
#include "sdk/testkit/conformance/child.hpp"

#include <exception>
#include <thread>

namespace belfry::conformance::broker {
namespace {

constexpr std::size_t kAtOnce = 20;

/// Some fail at first, some die; the others are settled, which is said before.
void settle(Source& source, const Delivery& one) {
    const auto kind = std::hash<std::string>()(one.body) % 16;
    if (kind == 0) {
        source.dead(one, "dies in the child");
    } else if (kind < 4 && one.attempt <= 1) {
        source.retry(one, std::chrono::milliseconds(5));
    } else {
        say("S " + one.body);
        source.ok(one);
    }
}

[[noreturn]] void publish_for_ever(Node& node, const Place& place, const std::string& prefix) {
    for (std::size_t number = 0;; number += kAtOnce) {
        std::vector<std::string> bodies;
        std::vector<Call<>> calls;
        for (std::size_t i = 0; i < kAtOnce; ++i) {
            bodies.push_back(prefix + std::to_string(number + i));
            calls.push_back(node.begin_publish(place, text(bodies.back())));
        }
        for (std::size_t i = 0; i < kAtOnce; ++i) {
            const auto outcome = calls[i].wait();
            if (outcome.ok()) {
                say("P " + bodies[i]);
            } else if (outcome.status != Status::retry) {
                throw testkit::Failed("publish: " + outcome.message);
            }
        }
    }
}

}  // namespace

int run_crash_child(const Options& options) {
    try {
        Kit kit(options);
        const Place place = kit.new_place();
        Node node(kit.plugin(), "broker", kit.settings().config(place.name));
        Source source(node, place, {.max_in_flight = 20}, kit.settings().patience());
        source.on_each([&](const Delivery& one) { settle(source, one); });
        source.consume();
        publish_for_ever(node, place, "round " + std::to_string(*options.crash_child) + "/");
    } catch (const std::exception& error) {
        say(std::string("F ") + error.what());
    }
    return 1;
}

}  // namespace belfry::conformance::broker
