#include "plugins/broker/rabbitmq/topology.hpp"

#include <algorithm>
#include <array>

namespace belfry::rabbitmq {

namespace {

constexpr std::uint32_t kDelayingQuorum = 3'010'000;  // quorum queues with time to live
/// A quorum queue drops what came back to it more often than its limit, which has a default from
/// RabbitMQ 4 on.
constexpr std::int64_t kDeliveryLimit = 1'000'000'000;
constexpr std::string_view kDeliveryLimitArgument = "x-delivery-limit";
constexpr std::int64_t kMillisecond = 1'000'000;
/// RabbitMQ takes no times beyond 2^32 ms.
constexpr std::int64_t kLongest = std::int64_t{20} * 86'400 * 1'000'000'000;
constexpr std::int64_t kFresh = 60'000'000'000;
/// A queue goes that was not declared again for so long: far longer than a message is in it.
constexpr std::int64_t kUnused = 600'000;  // ms

template <class Action>
void named(const std::string& place, const std::string& what, Action action) {
    try {
        action();
    } catch (const Trouble& trouble) {
        if (trouble.kind != Trouble::Kind::channel) {
            throw;
        }
        throw trouble.failure(place + ": " + what);
    }
}

void ensure_exchanges(Probe& probe, const SourceSettings& settings, const std::string& place) {
    for (const auto& exchange : settings.exchanges) {
        named(place, "exchange '" + exchange.name + "'", [&] {
            if (settings.declares) {
                probe.declare_exchange(exchange.name, exchange.type, exchange.durable);
            } else {
                probe.find_exchange(exchange.name);
            }
        });
    }
}

void add_type(Table& arguments, const SourceSettings& settings) {
    arguments.add("x-queue-type", settings.is_quorum ? "quorum" : "classic");
    if (settings.is_quorum && !settings.arguments.contains(kDeliveryLimitArgument)) {
        arguments.add(kDeliveryLimitArgument, kDeliveryLimit);
    }
}

void ensure_queue(Probe& probe, const SourceSettings& settings, const std::string& place) {
    named(place, "queue '" + settings.queue + "'", [&] {
        if (!settings.declares) {
            probe.find_queue(settings.queue);
            return;
        }
        Table arguments;
        add_type(arguments, settings);
        arguments.add_all(settings.arguments);
        probe.declare_queue(settings.queue, settings.durable || settings.is_quorum, arguments);
    });
    if (!settings.declares) {
        return;
    }
    for (const auto& binding : settings.bindings) {
        named(place, "binding to exchange '" + binding.exchange + "'", [&] {
            Table arguments;
            arguments.add_all(binding.arguments);
            probe.bind(settings.queue, binding.exchange, binding.routing_key, arguments);
        });
    }
}

// What is there already is good as it is.
void declare_dead_letters(Probe& probe, const SourceSettings& settings) {
    if (!probe.waiting(settings.dead_letters)) {
        Table arguments;
        arguments.add("x-queue-type", settings.is_quorum ? "quorum" : "classic");
        if (settings.is_quorum) {
            arguments.add(kDeliveryLimitArgument, kDeliveryLimit);  // listing them is no attempt
        }
        probe.declare_queue(settings.dead_letters, true, arguments);
    }
    if (!settings.dead_letter_exchange.empty()) {
        probe.bind(settings.dead_letters, settings.dead_letter_exchange, settings.dead_letters,
                   Table());
    }
}

void ensure_dead_letters(Probe& probe, const SourceSettings& settings, const std::string& place) {
    if (!settings.dead_letter_exchange.empty()) {
        named(place, "dead_letter_exchange",
              [&] { probe.find_exchange(settings.dead_letter_exchange); });
    }
    named(place, "dead_letters", [&] {
        if (settings.declares) {
            declare_dead_letters(probe, settings);
        } else {
            probe.find_queue(settings.dead_letters);
        }
    });
}

}  // namespace

void ensure(Probe& probe, const SourceSettings& settings, const std::string& place) {
    ensure_exchanges(probe, settings, place);
    ensure_queue(probe, settings, place);
    ensure_dead_letters(probe, settings, place);
}

std::int64_t round_up(std::int64_t delay) {
    constexpr std::array<std::int64_t, 10> kSteps{100, 125, 160, 200, 250, 320, 400, 500, 630, 800};
    for (std::int64_t power = kMillisecond / 100; power < kLongest; power *= 10) {
        for (const auto step : kSteps) {
            if (step * power >= delay) {
                return step * power;
            }
        }
    }
    return kLongest;
}

DelayQueues::DelayQueues(const std::string& prefix, const SourceSettings& source,
                         std::uint32_t server_version)
    : begin_(prefix + ".retry." + source.queue + "."), source_queue_(source.queue),
      is_quorum_(source.is_quorum && server_version >= kDelayingQuorum) {}

const std::string& DelayQueues::prepare(Probe& probe, std::int64_t delay, std::int64_t now) {
    if (delay <= 0) {
        return source_queue_;
    }
    const std::int64_t milliseconds = (std::min(delay, kLongest) + kMillisecond - 1) / kMillisecond;
    auto& queue = queues_[milliseconds];
    if (queue.name.empty() || now - queue.declared_at > kFresh) {
        declare(probe, begin_ + std::to_string(milliseconds), milliseconds);
        queue = {begin_ + std::to_string(milliseconds), now};
    }
    return queue.name;
}

void DelayQueues::declare(Probe& probe, const std::string& name, std::int64_t milliseconds) const {
    Table arguments;
    arguments.add("x-queue-type", is_quorum_ ? "quorum" : "classic");
    arguments.add("x-message-ttl", milliseconds);
    arguments.add("x-dead-letter-exchange", "");
    arguments.add("x-dead-letter-routing-key", source_queue_);
    arguments.add("x-expires", milliseconds * 2 + kUnused);
    if (is_quorum_) {
        // Not gone before it is back in the source's queue.
        arguments.add("x-dead-letter-strategy", "at-least-once");
        arguments.add("x-overflow", "reject-publish");
    }
    probe.declare_queue(name, true, arguments);
}

}  // namespace belfry::rabbitmq
