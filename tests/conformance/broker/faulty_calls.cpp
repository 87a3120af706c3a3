// Calls of the daemon that are spoiled on their way in or out.
#include "tests/conformance/broker/faulty_broker.hpp"
#include "tests/conformance/broker/relay.hpp"

#include <algorithm>
#include <regex>
#include <utility>

namespace belfry::faulty {
namespace {

constexpr std::uint64_t kEvery = 10;

void pass_on(Done<>& outer, const bf_result& result) {
    if (result.status == BF_OK) {
        outer.ok();
    } else {
        test::fail_as(outer, result);
    }
}

}  // namespace

FaultyBroker::FaultyBroker(sdk::Env env, std::string_view name, std::string_view config)
    : sdk::Broker(env), fault_(test::member(config, "fault")), inner_(env, name, config) {}

void FaultyBroker::drain(std::int64_t deadline, Done<> done) {
    if (has("drains-at-once")) {
        done.ok();
        return;
    }
    inner_.drain(deadline, std::move(done));
}

void FaultyBroker::stop(Done<> done) {
    if (has("forgets-unsettled")) {
        settle_all_in_flight();
    }
    is_stopped_ = true;
    inner_.stop(std::move(done));
}

void FaultyBroker::publish(const bf_message& message, Done<> done) {
    const bool is_chosen = ++published_ % kEvery == 0;
    if ((is_chosen && has("confirms-and-drops")) || (is_stopped_ && has("works-when-stopped"))) {
        done.ok();
        return;
    }
    if (is_chosen && has("publishes-twice")) {
        inner_.publish(message,
                       Done<>(bf_done{nullptr, [](void*, const bf_result*, const void*) {}}));
    }
    inner_.publish(message, std::move(done));
}

void FaultyBroker::consume(const bf_source& source, Done<> done) {
    Inlet* inlet = nullptr;
    {
        const std::lock_guard lock(mutex_);
        inlet = &inlets_.emplace_back(*this, std::string(sdk::view(source.name)), source);
    }
    std::string config(sdk::view(source.config));
    if (has("has-no-limit")) {
        config =
            std::regex_replace(config, std::regex(R"("limit":[1-9]\d*)"), R"("limit":1000000)");
    }
    bf_source inner = source;
    inner.config = sdk::str(config);
    inner.ctx = inlet;
    inner.deliver = &FaultyBroker::deliver;
    inner.max_in_flight += has("exceeds-in-flight") ? 3 : 0;
    test::memory_table().consume(
        instance(), &inner,
        test::Relay<sdk::Nothing>::around(
            std::move(done), [this](auto& outer, const auto& result, auto*) {
                if (result.status == BF_CONFLICT && has("takes-a-name-twice")) {
                    outer.ok();
                } else if (result.status == BF_INVALID && has("names-no-key")) {
                    outer.fail(sdk::Status::invalid, "wrong");
                } else if (result.status == BF_INVALID && has("calls-it-retry")) {
                    outer.fail(sdk::Status::retry, sdk::view(result.message));
                } else {
                    pass_on(outer, result);
                }
            }));
}

void FaultyBroker::cancel(std::string_view source, Done<> done) {
    if (has("cancels-later")) {
        done.ok();
        return;
    }
    if (has("forgets-at-cancel")) {
        settle_all_in_flight();
    }
    inner_.cancel(source, std::move(done));
}

void FaultyBroker::pause(std::string_view source, bool paused) {
    if (has("pauses-not")) {
        return;
    }
    if (has("loses-while-paused")) {
        const std::lock_guard lock(mutex_);
        if (Inlet* inlet = inlet_of(source)) {
            inlet->is_paused = paused;
        }
        return;
    }
    inner_.pause(source, paused);
}

void FaultyBroker::broadcast(std::uint32_t partition, sdk::Bytes message) {
    const std::lock_guard lock(mutex_);
    const std::string text(sdk::text_of(sdk::bytes_of(message)));
    said_.insert(text);
    if (has("swaps-on-the-bus") && text.size() > 1 && text[1] == ':') {
        if (held_back_.empty()) {
            held_back_ = text;
            return;
        }
        inner_.broadcast(partition, message);
        inner_.broadcast(partition, sdk::view(sdk::bytes_of(std::exchange(held_back_, {}))));
        return;
    }
    inner_.broadcast(has("folds-partitions") ? partition % 256 : partition, message);
}

void FaultyBroker::hear(void* ctx, std::uint32_t partition, bf_bytes message) {
    const auto& ear = *static_cast<const Ear*>(ctx);
    {
        const std::lock_guard lock(ear.owner.mutex_);
        if (ear.owner.has("hears-not-itself") &&
            ear.owner.said_.contains(std::string(sdk::text_of(message)))) {
            return;
        }
    }
    ear.outer.hear(ear.outer.ctx, partition, message);
    if (ear.former != nullptr && ear.owner.has("hears-as-before")) {
        ear.former->outer.hear(ear.former->outer.ctx, partition, message);
    }
}

void FaultyBroker::listen(std::span<const std::uint32_t> partitions, sdk::Listener listener,
                          Done<> done) {
    const std::lock_guard lock(mutex_);
    const Ear* former = ears_.empty() ? nullptr : &ears_.back();
    Ear& ear = ears_.emplace_back(*this, listener, former);
    std::vector<std::uint32_t> all(partitions.begin(), partitions.end());
    if (has("hears-every-partition")) {
        all.insert(all.end(), {0, 1, 2});
    }
    inner_.listen(all, sdk::Listener{&ear, &FaultyBroker::hear}, std::move(done));
}

void FaultyBroker::source_stats(std::string_view source, Done<sdk::SourceStats> done) {
    test::memory_table().source_stats(
        instance(), sdk::str(source),
        test::Relay<sdk::SourceStats>::around(
            std::move(done), [this](auto& outer, const auto& result, const void* value) {
                if (result.status != BF_OK) {
                    test::fail_as(outer, result);
                    return;
                }
                const auto& from = *static_cast<const bf_source_stats*>(value);
                outer.ok({.connected = from.connected != 0,
                          .lag = has("counts-no-lag") ? 0 : from.lag,
                          .in_flight = has("counts-nothing-in-flight") ? 0 : from.in_flight,
                          .redelivered = has("counts-no-repeats") ? 0 : from.redelivered,
                          .dead = has("counts-no-dead") ? 0 : from.dead,
                          .reconnects = from.reconnects,
                          .oldest = has("knows-no-oldest") ? 0 : from.oldest,
                          .dead_letters = has("counts-no-dead-letters") ? 0 : from.dead_letters});
            }));
}

void FaultyBroker::dead_letters(std::string_view source, std::uint64_t limit,
                                Done<sdk::DeadLetters> done) {
    const std::string name(source);
    const auto answer = [this, name, limit](auto& outer, const auto& result, const void* value) {
        if (result.status != BF_OK) {
            test::fail_as(outer, result);
            return;
        }
        const auto& from = *static_cast<const bf_dead_letters*>(value);
        std::vector<bf_message> letters(from.messages, from.messages + from.count);
        if (has("lists-the-newest-first")) {
            std::reverse(letters.begin(), letters.end());
        }
        outer.ok(sdk::DeadLetters{letters});
        if (has("takes-what-it-lists")) {
            inner_.replay(name, limit, INT64_MAX, Done<sdk::Replayed>(bf_done{}));
        }
    };
    test::memory_table().dead_letters(
        instance(), sdk::str(source), has("lists-without-limit") ? UINT64_MAX : limit,
        test::Relay<sdk::DeadLetters>::around(std::move(done), answer));
}

void FaultyBroker::replay(std::string_view source, std::uint64_t limit, std::int64_t before,
                          Done<sdk::Replayed> done) {
    if (has("replays-twice")) {
        const auto again = [this](auto& /*outer*/, const auto& /*result*/, const void* value) {
            const auto& from = *static_cast<const bf_dead_letters*>(value);
            for (const bf_message& one : std::span(from.messages, from.count)) {
                inner_.publish(one, Done<>(bf_done{}));
            }
        };
        test::memory_table().dead_letters(
            instance(), sdk::str(source), limit,
            test::Relay<sdk::DeadLetters>::around(Done<sdk::DeadLetters>(bf_done{}), again));
    }
    inner_.replay(source, has("replays-without-limit") ? UINT64_MAX : limit,
                  has("replays-those-of-later") ? INT64_MAX : before, std::move(done));
}

}  // namespace belfry::faulty
