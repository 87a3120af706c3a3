#include "tests/conformance/broker/served_broker.hpp"

#include "tests/conformance/broker/relay.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

namespace belfry::served {
namespace {

constexpr std::uint64_t kEvery = 10;
constexpr std::chrono::milliseconds kGlance{10};
constexpr std::string_view kInside =
    R"({"group": "", "max_messages": 100000, "max_bytes": 268435456})";

}  // namespace

ServedBroker::ServedBroker(sdk::Env env, std::string_view name, std::string_view config)
    : sdk::Broker(env), fault_(test::member(config, "fault")),
      outage_(test::member(config, "outage")), journal_(test::member(config, "journal")),
      inner_(env, name, kInside) {}

void ServedBroker::start(Done<> done) {
    inner_.start(Done<>(bf_done{}));
    for (const auto& [body, destination] : journal_.left()) {
        bf_message message{};
        message.size = sizeof message;
        message.destination = sdk::str(destination);
        message.id = sdk::str(body);
        message.body = sdk::bytes_of(body);
        inner_.publish(message, Done<>(bf_done{}));
    }
    watcher_ = std::thread([this] { watch(); });
    done.ok();
}

void ServedBroker::stop(Done<> done) {
    is_stopped_ = true;
    watcher_.join();
    inner_.stop(std::move(done));
}

void ServedBroker::watch() {
    while (!is_stopped_) {
        const bool is_away = ::access(outage_.c_str(), F_OK) == 0;
        if (is_away != is_away_) {
            is_away_ = is_away;
            is_away ? go_away() : come_back();
        }
        std::this_thread::sleep_for(kGlance);
    }
}

void ServedBroker::go_away() {
    if (!has("hides-outages")) {
        env().health(sdk::Health::down, "the make-believe server is away");
    }
    const std::lock_guard lock(mutex_);
    for (const Inlet& inlet : inlets_) {
        inner_.pause(inlet.name, true);
    }
}

/// What was in flight comes again, with other tokens.
void ServedBroker::come_back() {
    reconnects_ += has("counts-no-reconnects") ? 0 : 1;
    if (!has("stays-down")) {
        env().health(sdk::Health::ok);
    }
    if (has("forgets-the-bus")) {
        inner_.listen({}, {}, Done<>(bf_done{}));
    }
    const std::lock_guard lock(mutex_);
    for (Inlet& inlet : inlets_) {
        for (const auto& [token, body] : std::exchange(inlet.in_flight, {})) {
            const std::uint32_t outcome =
                has("loses-what-is-in-flight") ? BF_SETTLED_OK : BF_SETTLED_RETRY;
            settle_inside(inlet.name, {sizeof(bf_settlement), outcome, token, 1, {}});
        }
        inner_.pause(inlet.name, inlet.is_paused && !has("forgets-the-pause"));
    }
}

void ServedBroker::publish(const bf_message& message, Done<> done) {
    if (is_away_) {
        if (has("confirms-while-away")) {
            done.ok();
        } else {
            done.fail(sdk::Status::unavailable, "the make-believe server is away");
        }
        return;
    }
    if (!has("forgets-to-write") || ++published_ % kEvery != 0) {
        journal_.published(sdk::view(message.destination), sdk::text_of(message.body));
    }
    inner_.publish(message, std::move(done));
}

void ServedBroker::consume(const bf_source& source, Done<> done) {
    Inlet* inlet = nullptr;
    {
        const std::lock_guard lock(mutex_);
        inlet = &inlets_.emplace_back(*this, std::string(sdk::view(source.name)), source);
    }
    bf_source inner = source;
    inner.ctx = inlet;
    inner.deliver = &ServedBroker::deliver;
    inner_.consume(inner, std::move(done));
}

void ServedBroker::deliver(void* ctx, const bf_message* messages, std::uint64_t count) {
    auto& inlet = *static_cast<Inlet*>(ctx);
    auto& owner = inlet.owner;
    {
        const std::lock_guard lock(owner.mutex_);
        for (std::uint64_t i = 0; i < count; ++i) {
            const std::string body(sdk::text_of(messages[i].body));
            inlet.in_flight[messages[i].token] = body;
            if (owner.has("acknowledges-early")) {
                owner.journal_.settled(body);
            }
        }
    }
    inlet.outer.deliver(inlet.outer.ctx, messages, count);
}

ServedBroker::Inlet* ServedBroker::inlet_of(std::string_view name) {
    const auto found = std::find_if(inlets_.rbegin(), inlets_.rend(),
                                    [name](const Inlet& inlet) { return inlet.name == name; });
    return found == inlets_.rend() ? nullptr : &*found;
}

void ServedBroker::settle_inside(const std::string& source, bf_settlement settlement) {
    inner_.settle(source, sdk::Array<bf_settlement>(&settlement, 1));
}

void ServedBroker::settle(std::string_view source, sdk::Array<bf_settlement> settlements) {
    for (const bf_settlement one : settlements) {
        {
            const std::lock_guard lock(mutex_);
            Inlet* inlet = inlet_of(source);
            if (is_away_ || inlet == nullptr || !inlet->in_flight.contains(one.token)) {
                continue;
            }
            const std::string body = inlet->in_flight.extract(one.token).mapped();
            if (one.outcome == BF_SETTLED_OK) {
                journal_.settled(body);
            }
        }
        settle_inside(std::string(source), one);
    }
}

void ServedBroker::pause(std::string_view source, bool paused) {
    {
        const std::lock_guard lock(mutex_);
        if (Inlet* inlet = inlet_of(source)) {
            inlet->is_paused = paused;
        }
    }
    if (!is_away_) {
        inner_.pause(source, paused);
    }
}

void ServedBroker::broadcast(std::uint32_t partition, sdk::Bytes message) {
    if (!is_away_) {
        inner_.broadcast(partition, message);
    }
}

void ServedBroker::source_stats(std::string_view source, Done<sdk::SourceStats> done) {
    const auto answer = [this](auto& outer, const auto& result, const void* value) {
        if (result.status != BF_OK) {
            test::fail_as(outer, result);
            return;
        }
        const auto& from = *static_cast<const bf_source_stats*>(value);
        outer.ok({.connected = from.connected != 0,
                  .lag = from.lag,
                  .in_flight = from.in_flight,
                  .redelivered = from.redelivered,
                  .dead = from.dead,
                  .reconnects = reconnects_,
                  .oldest = from.oldest,
                  .dead_letters = from.dead_letters});
    };
    test::memory_table().source_stats(
        static_cast<sdk::Instance*>(&inner_), sdk::str(source),
        test::Relay<sdk::SourceStats>::around(std::move(done), answer));
}

}  // namespace belfry::served

BELFRY_PLUGIN(belfry::served::ServedBroker)
