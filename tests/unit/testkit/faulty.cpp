#include "tests/unit/testkit/faulty.hpp"

namespace belfry::test {
namespace {

sdk::Outcome outcome(std::string_view detail) {
    sdk::Outcome made;
    made.detail = detail;
    return made;
}

}  // namespace
void Faulty::check(std::string_view config) {
    if (config == "bad") {
        throw sdk::ConfigError("this is bad");
    }
}

Faulty::Faulty(sdk::Env env, std::string_view /*name*/, std::string_view config) : Push(env) {
    check(config);
}

void Faulty::submit(const bf_delivery& delivery, sdk::Done<sdk::Outcome> done) {
    const std::string_view what = sdk::view(delivery.id);
    if (what == "good") {
        env().counter("submits_total", "Submits").add();
        env().log(sdk::Level::info, "submitted", {{"id", what}});
        env().health(sdk::Health::degraded, "tired");
        done.ok(outcome("fine"));
    } else if (what == "later") {
        auto shared = std::make_shared<sdk::Done<sdk::Outcome>>(std::move(done));
        env().after(3'600'000'000'000, [shared] { shared->ok(outcome("late")); });
    } else if (what == "keep") {
        kept_.emplace(std::move(done));
    }
}

const bf_plugin* no_plugin(const bf_host* host) {
    host->fail(host, sdk::str("no lamp oil"));
    return nullptr;
}

}  // namespace belfry::test

BELFRY_PLUGIN(belfry::test::Faulty)
