#include "daemon/plugin/broker_adapter.hpp"

#include "daemon/plugin/abi_values.hpp"

#include <utility>
#include <vector>

namespace belfry::plugin {
namespace {

constexpr std::uint64_t kMostMessages = 65'536;  ///< of one delivery
constexpr std::uint32_t kMostHeard = 65'536;     ///< of the bus, waiting; it may lose messages
constexpr std::uint64_t kMostHeaders = 4096;

Result<> nothing(const void* /*value*/) { return {}; }

Message to_message(const bf_message& from) {
    Message message{std::string(view(from.destination)),
                    std::string(view(from.exchange)),
                    std::string(view(from.key)),
                    std::string(view(from.id)),
                    std::string(view(from.content_type)),
                    std::string(text(from.body)),
                    {},
                    from.time,
                    from.attempt,
                    from.token,
                    std::string(view(from.coordinates))};
    for (const bf_pair& one : pairs(from.headers, std::min(from.header_count, kMostHeaders))) {
        message.headers.emplace_back(view(one.name), view(one.value));
    }
    return message;
}

Result<SourceStats> to_source_stats(const void* value) {
    const auto known = fetch<bf_source_stats>(value);
    if (!known) {
        return fail(Code::retry, "no statistics");
    }
    const bool counts_dead =
        BF_HAS(static_cast<const bf_source_stats*>(value), bf_source_stats, dead_letters);
    return SourceStats{.connected = known->connected != 0,
                       .lag = known->lag,
                       .in_flight = known->in_flight,
                       .redelivered = known->redelivered,
                       .dead = known->dead,
                       .reconnects = known->reconnects,
                       .oldest = known->oldest,
                       .dead_letters = counts_dead ? known->dead_letters : UINT64_MAX};
}

Result<std::vector<Message>> to_messages(const void* value, std::uint64_t most) {
    const auto known = fetch<bf_dead_letters>(value);
    if (!known) {
        return fail(Code::retry, "no dead letters");
    }
    const AbiArray<bf_message> given(known->messages, known->count);
    if (!given.is_sound(most)) {
        return fail(Code::retry, std::to_string(known->count) + " dead letters, of at most " +
                                     std::to_string(most) + ", that are not there or too many");
    }
    std::vector<Message> messages;
    messages.reserve(known->count);
    for (std::uint64_t index = 0; index < known->count; ++index) {
        messages.push_back(to_message(given[index]));
    }
    return messages;
}

Result<std::uint64_t> to_count(const void* value) {
    const auto known = fetch<bf_replayed>(value);
    return known ? Result<std::uint64_t>(known->count) : fail(Code::retry, "no number of messages");
}

}  // namespace

BrokerAdapter::BrokerAdapter(Port& port, const void* table,
                             std::optional<config::Schema> source_schema)
    : port_(port), table_(fetch<bf_broker>(table).value_or(bf_broker{})),
      source_schema_(std::move(source_schema)) {}

void BrokerAdapter::publish(const Message& message, Executor& home, Callback<> done) {
    std::vector<bf_pair> headers;
    headers.reserve(message.headers.size());
    for (const auto& [name, value] : message.headers) {
        headers.push_back({str(name), str(value)});
    }
    const bf_message abi{sizeof(bf_message),
                         0,
                         str(message.destination),
                         str(message.exchange),
                         str(message.key),
                         str(message.id),
                         str(message.content_type),
                         bytes(message.body),
                         headers.data(),
                         headers.size(),
                         message.time,
                         message.attempt,
                         message.token,
                         str(message.coordinates)};
    Call<void>(port_, "publish", home, std::move(done))
        .run(
            table_.publish,
            [&](void* instance, bf_done completion) { table_.publish(instance, &abi, completion); },
            nothing);
}

void BrokerAdapter::deliver(void* ctx, const bf_message* messages, std::uint64_t count) {
    auto& inlet = *static_cast<Inlet*>(ctx);
    if (inlet.env.is_late("deliver")) {
        return;
    }
    if (inlet.is_cancelled.load()) {
        inlet.env.violations().report("deliver", "called after the source had been cancelled");
        return;
    }
    const AbiArray<bf_message> given(messages, count);
    if (!given.is_sound(kMostMessages)) {
        inlet.env.violations().report("deliver", "messages that are not there, or too many");
        return;
    }
    std::vector<Message> batch;
    batch.reserve(count);
    for (std::uint64_t index = 0; index < count; ++index) {
        batch.push_back(to_message(given[index]));
    }
    inlet.home.post([deliver = inlet.deliver, batch = std::move(batch)]() mutable {
        (*deliver)(std::move(batch));
    });
}

void BrokerAdapter::consume(const SourceConfig& source, Executor& home, Deliver deliver,
                            Callback<> done) {
    Inlet* inlet = nullptr;
    {
        const std::scoped_lock lock(mutex_);
        inlet = &inlets_.emplace_back(port_.env(), home,
                                      std::make_shared<Deliver>(std::move(deliver)), source.name);
    }
    const bf_source abi{sizeof(bf_source),    0,     str(source.name),       str(source.config),
                        source.max_in_flight, inlet, &BrokerAdapter::deliver};
    Call<void>(port_, "consume", home, std::move(done))
        .run(
            table_.consume,
            [&](void* instance, bf_done completion) { table_.consume(instance, &abi, completion); },
            nothing);
}

void BrokerAdapter::mark_cancelled(const std::string& source) {
    const std::scoped_lock lock(mutex_);
    for (Inlet& inlet : inlets_) {
        if (inlet.source == source) {
            inlet.is_cancelled.store(true);
        }
    }
}

void BrokerAdapter::cancel(const std::string& source, Executor& home, Callback<> done) {
    Call<void>(port_, "cancel", home, std::move(done))
        .run(
            table_.cancel,
            [&](void* instance, bf_done completion) {
                table_.cancel(instance, str(source), completion);
            },
            [this, source](const void* /*value*/) {
                mark_cancelled(source);
                return Result<>{};
            });
}

void BrokerAdapter::settle(const std::string& source, std::span<const Settlement> settlements) {
    if (table_.settle == nullptr) {
        return;
    }
    std::vector<bf_settlement> abi;
    abi.reserve(settlements.size());
    for (const Settlement& one : settlements) {
        abi.push_back({sizeof(bf_settlement), static_cast<std::uint32_t>(one.outcome), one.token,
                       one.delay, str(one.reason)});
    }
    visit(port_, "settle",
          [&](void* instance) { table_.settle(instance, str(source), abi.data(), abi.size()); });
}

void BrokerAdapter::pause(const std::string& source, bool paused) {
    if (table_.pause != nullptr) {
        visit(port_, "pause",
              [&](void* instance) { table_.pause(instance, str(source), paused ? 1 : 0); });
    }
}

void BrokerAdapter::broadcast(std::uint32_t partition, ByteView message) {
    if (table_.broadcast != nullptr) {
        visit(port_, "broadcast",
              [&](void* instance) { table_.broadcast(instance, partition, bytes(message)); });
    }
}

void BrokerAdapter::hear(void* ctx, std::uint32_t partition, bf_bytes message) {
    auto& ear = *static_cast<Ear*>(ctx);
    if (ear.env.is_late("hear")) {
        return;
    }
    if (ear.waiting->fetch_add(1) >= kMostHeard) {
        ear.waiting->fetch_sub(1);
        ear.dropped.Increment();
        return;
    }
    ear.home.post([hear = ear.hear, waiting = ear.waiting, partition,
                   message = SharedBytes::copy(view(message))]() mutable {
        waiting->fetch_sub(1);
        (*hear)(partition, std::move(message));
    });
}

void BrokerAdapter::listen(std::span<const std::uint32_t> partitions, Executor& home, Hear hear,
                           Callback<> done) {
    Ear* ear = nullptr;
    {
        const std::scoped_lock lock(mutex_);
        auto& dropped = port_.env().surroundings().metrics.counter(
            "belfry_bus_dropped_total", "Messages of the bus dropped because too many were waiting",
            {{"instance", port_.env().name()}});
        ear = &ears_.emplace_back(port_.env(), home, std::make_shared<Hear>(std::move(hear)),
                                  dropped, std::make_shared<std::atomic<std::uint32_t>>(0));
    }
    Call<void>(port_, "listen", home, std::move(done))
        .run(
            table_.listen,
            [&](void* instance, bf_done completion) {
                table_.listen(instance, partitions.data(), partitions.size(), ear,
                              &BrokerAdapter::hear, completion);
            },
            nothing);
}

void BrokerAdapter::source_stats(const std::string& source, Executor& home,
                                 Callback<SourceStats> done) {
    Call<SourceStats>(port_, "source_stats", home, std::move(done))
        .run(
            table_.source_stats,
            [&](void* instance, bf_done completion) {
                table_.source_stats(instance, str(source), completion);
            },
            to_source_stats);
}

void BrokerAdapter::dead_letters(const std::string& source, std::uint64_t limit, Executor& home,
                                 Callback<std::vector<Message>> done) {
    const std::uint64_t most = std::min(limit, kMostMessages);
    Call<std::vector<Message>>(port_, "dead_letters", home, std::move(done))
        .run(
            table_.dead_letters,
            [&](void* instance, bf_done completion) {
                table_.dead_letters(instance, str(source), most, completion);
            },
            [most](const void* value) { return to_messages(value, most); });
}

void BrokerAdapter::replay(const std::string& source, std::uint64_t limit, Nanos before,
                           Executor& home, Callback<std::uint64_t> done) {
    Call<std::uint64_t>(port_, "replay", home, std::move(done))
        .run(
            table_.replay,
            [&](void* instance, bf_done completion) {
                table_.replay(instance, str(source), limit, before, completion);
            },
            to_count);
}

}  // namespace belfry::plugin
