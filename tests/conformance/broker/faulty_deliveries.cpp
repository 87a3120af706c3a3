// Deliveries and settlements that are spoiled.
#include "tests/conformance/broker/faulty_broker.hpp"

#include <algorithm>
#include <thread>
#include <utility>

namespace belfry::faulty {
namespace {

constexpr std::uint64_t kEachTenth = 10;

}  // namespace

FaultyBroker::Inlet* FaultyBroker::inlet_of(std::string_view name) {
    const auto found = std::find_if(inlets_.rbegin(), inlets_.rend(),
                                    [name](const Inlet& inlet) { return inlet.name == name; });
    return found == inlets_.rend() ? nullptr : &*found;
}

void FaultyBroker::settle_quietly(const std::string& name, std::uint64_t token) {
    const bf_settlement settlement{sizeof settlement, BF_SETTLED_OK, token, 0, {}};
    inner_.settle(name, sdk::Array<bf_settlement>(&settlement, 1));
}

void FaultyBroker::settle_all_in_flight() {
    const std::lock_guard lock(mutex_);
    for (const Inlet& inlet : inlets_) {
        for (const std::uint64_t token : inlet.in_flight) {
            settle_quietly(inlet.name, token);
        }
    }
}

void FaultyBroker::spoil(bf_message& message) {
    if (has("cuts-at-nul")) {
        const auto body = sdk::text_of(message.body);
        message.body.len = std::min(body.find('\0'), body.size());
    } else if (has("loses-headers")) {
        message.header_count = 0;
    } else if (has("loses-ids")) {
        message.id = {};
    } else if (has("loses-keys")) {
        message.key = {};
    } else if (has("loses-content-types")) {
        message.content_type = {};
    } else if (has("forgets-attempts")) {
        message.attempt = 1;
    } else if (has("moves-coordinates")) {
        message.coordinates = sdk::str(texts_.emplace_back(
            std::string(sdk::view(message.coordinates)) + "+" + std::to_string(message.token)));
    } else if (has("repeats-coordinates")) {
        message.coordinates = sdk::str("here");
    }
}

bool FaultyBroker::take(Inlet& inlet, bf_message& message) {
    const bool is_chosen = message.token % kEachTenth == 0;
    if ((has("swallows") && is_chosen) || inlet.is_paused) {
        settle_quietly(inlet.name, message.token);
        return false;
    }
    if (has("settles-early")) {
        settle_quietly(inlet.name, message.token);
    } else {
        inlet.in_flight.insert(message.token);
    }
    spoil(message);
    return true;
}

void FaultyBroker::deliver_to(Inlet& inlet, std::vector<bf_message> messages) {
    const auto& outer = inlet.outer;
    if (has("reorders")) {
        std::reverse(messages.begin(), messages.end());
    }
    if (has("delivers-two-at-a-time") && messages.size() > 1) {
        const auto half = messages.size() / 2;
        std::thread other([&] { outer.deliver(outer.ctx, messages.data(), half); });
        outer.deliver(outer.ctx, messages.data() + half, messages.size() - half);
        other.join();
        return;
    }
    outer.deliver(outer.ctx, messages.data(), messages.size());
    if (has("delivers-twice")) {
        outer.deliver(outer.ctx, messages.data(), messages.size());
    }
}

void FaultyBroker::deliver(void* ctx, const bf_message* messages, std::uint64_t count) {
    auto& inlet = *static_cast<Inlet*>(ctx);
    std::vector<bf_message> taken;
    {
        const std::lock_guard lock(inlet.owner.mutex_);
        for (std::uint64_t i = 0; i < count; ++i) {
            bf_message message = messages[i];
            if (inlet.owner.take(inlet, message)) {
                taken.push_back(message);
            }
        }
    }
    if (!taken.empty()) {
        inlet.owner.deliver_to(inlet, std::move(taken));
    }
}

/// Nothing of the source until the delay is over.
void FaultyBroker::hold_up(const std::string& source, std::int64_t delay) {
    inner_.pause(source, true);
    env().after(delay, [this, source] {
        if (!is_stopped_) {
            inner_.pause(source, false);
        }
    });
}

std::string FaultyBroker::owner_of(const std::string& source, bf_settlement& settlement) {
    const std::lock_guard lock(mutex_);
    Inlet* inlet = inlet_of(source);
    if (inlet == nullptr || inlet->in_flight.erase(settlement.token) != 0) {
        return source;
    }
    if (has("settles-what-it-does-not-know") && !inlet->in_flight.empty()) {
        settlement.token = *inlet->in_flight.begin();
    }
    const auto other = std::find_if(inlets_.begin(), inlets_.end(), [&](const Inlet& one) {
        return one.in_flight.contains(settlement.token);
    });
    return has("settles-for-others") && other != inlets_.end() ? other->name : source;
}

void FaultyBroker::spoil_retry(const std::string& source, bf_settlement& settlement) {
    if (has("waits-not")) {
        settlement.delay = 1;
    } else if (has("waits-by-schedule-only")) {
        settlement.delay = 0;
    } else if (has("holds-up-others")) {
        hold_up(source, settlement.delay);
    }
}

void FaultyBroker::spoil_dead(bf_settlement& settlement) {
    if (has("drops-the-dead")) {
        settlement.outcome = BF_SETTLED_OK;
    } else if (has("keeps-no-reason")) {
        settlement.reason = {};
    } else if (has("tries-the-dead-again")) {
        settlement.outcome = BF_SETTLED_RETRY;
    }
}

void FaultyBroker::settle_one(const std::string& source, bf_settlement settlement) {
    const std::string name = owner_of(source, settlement);
    if (settlement.outcome == BF_SETTLED_RETRY) {
        spoil_retry(source, settlement);
    } else if (settlement.outcome == BF_SETTLED_DEAD) {
        spoil_dead(settlement);
    } else if (has("repeats-what-is-settled") && ++settled_ % kEachTenth == 0) {
        settlement.outcome = BF_SETTLED_RETRY;
        settlement.delay = 1;
    }
    inner_.settle(name, sdk::Array<bf_settlement>(&settlement, 1));
}

void FaultyBroker::settle(std::string_view source, sdk::Array<bf_settlement> settlements) {
    for (const bf_settlement one : settlements) {
        settle_one(std::string(source), one);
        if (has("settles-the-first-only")) {
            return;
        }
    }
}

}  // namespace belfry::faulty
