/// Broker plugins: derive from Broker. What each call promises: abi/broker.h and sdk/README.md.
#pragma once

#include "belfry/instance.hpp"
#include "belfry/types.hpp"

#include <span>
#include <string_view>

namespace belfry::sdk {

struct SourceStats {
    bool connected = false;
    std::uint64_t lag = UINT64_MAX;
    std::uint64_t in_flight = 0;
    std::uint64_t redelivered = 0;
    std::uint64_t dead = 0;
    std::uint64_t reconnects = 0;
    std::int64_t oldest = 0;
    std::uint64_t dead_letters = UINT64_MAX;
};

template <>
struct Wire<SourceStats> {
    explicit Wire(const SourceStats& from)
        : value_{sizeof value_,    from.connected ? 1U : 0U,
                 from.lag,         from.in_flight,
                 from.redelivered, from.dead,
                 from.reconnects,  from.oldest,
                 from.dead_letters} {}
    [[nodiscard]] const void* value() const { return &value_; }

private:
    bf_source_stats value_;
};

/// Messages as the dead-letter destination has them; what they point to lives until the completion
/// has returned.
struct DeadLetters {
    std::span<const bf_message> messages;
};

template <>
struct Wire<DeadLetters> {
    explicit Wire(const DeadLetters& from)
        : value_{sizeof value_, 0, from.messages.data(), from.messages.size()} {}
    [[nodiscard]] const void* value() const { return &value_; }

private:
    bf_dead_letters value_;
};

struct Replayed {
    std::uint64_t count = 0;
};

template <>
struct Wire<Replayed> {
    explicit Wire(const Replayed& from) : value_{sizeof value_, 0, from.count} {}
    [[nodiscard]] const void* value() const { return &value_; }

private:
    bf_replayed value_;
};

/// Where the bus's messages go; may be called on any thread.
struct Listener {
    void* ctx = nullptr;
    void (*hear)(void* ctx, std::uint32_t partition, bf_bytes message) = nullptr;
};

/// Arguments are borrowed until the call returns. Calls come from any thread and must not block.
/// The author's class names the JSON Schema of a source's config: kSourceSchema.
class Broker : public Instance {
public:
    static constexpr std::uint16_t kKind = BF_KIND_BROKER;
    using Instance::Instance;

    virtual void publish(const bf_message& message, Done<> done) = 0;
    virtual void consume(const bf_source& source, Done<> done) = 0;
    virtual void cancel(std::string_view source, Done<> done) = 0;
    virtual void settle(std::string_view source, Array<bf_settlement> settlements) = 0;
    virtual void pause(std::string_view source, bool paused) = 0;
    virtual void broadcast(std::uint32_t partition, Bytes message) = 0;
    virtual void listen(std::span<const std::uint32_t> partitions, Listener listener,
                        Done<> done) = 0;
    virtual void source_stats(std::string_view source, Done<SourceStats> done) = 0;
    virtual void dead_letters(std::string_view source, std::uint64_t limit,
                              Done<DeadLetters> done) = 0;
    virtual void replay(std::string_view source, std::uint64_t limit, std::int64_t before,
                        Done<Replayed> done) = 0;

    /// The table of the class `Author`, which derives from this.
    template <class Author>
    static bf_broker make_table();
};

namespace detail {

inline void fill_messages(bf_broker& table) {
    table.publish = [](void* self, const bf_message* message, bf_done done) {
        guarded<Nothing>(
            done, [&](auto& own) { kind_of<Broker>(self).publish(*message, std::move(own)); });
    };
    table.consume = [](void* self, const bf_source* source, bf_done done) {
        guarded<Nothing>(
            done, [&](auto& own) { kind_of<Broker>(self).consume(*source, std::move(own)); });
    };
    table.cancel = [](void* self, bf_str source, bf_done done) {
        guarded<Nothing>(
            done, [&](auto& own) { kind_of<Broker>(self).cancel(view(source), std::move(own)); });
    };
    table.settle = [](void* self, bf_str source, const bf_settlement* settlements,
                      std::uint64_t count) {
        quietly(self, "settle", [&] {
            kind_of<Broker>(self).settle(view(source), Array<bf_settlement>(settlements, count));
        });
    };
    table.pause = [](void* self, bf_str source, std::uint32_t paused) {
        quietly(self, "pause", [&] { kind_of<Broker>(self).pause(view(source), paused != 0); });
    };
}

inline void fill_bus(bf_broker& table) {
    table.broadcast = [](void* self, std::uint32_t partition, bf_bytes message) {
        quietly(self, "broadcast",
                [&] { kind_of<Broker>(self).broadcast(partition, view(message)); });
    };
    table.listen = [](void* self, const std::uint32_t* partitions, std::uint64_t count, void* ctx,
                      void (*hear)(void*, std::uint32_t, bf_bytes), bf_done done) {
        guarded<Nothing>(done, [&](auto& own) {
            kind_of<Broker>(self).listen(std::span(partitions, count), Listener{ctx, hear},
                                         std::move(own));
        });
    };
}

inline void fill_inquiries(bf_broker& table) {
    table.source_stats = [](void* self, bf_str source, bf_done done) {
        guarded<SourceStats>(done, [&](auto& own) {
            kind_of<Broker>(self).source_stats(view(source), std::move(own));
        });
    };
    table.dead_letters = [](void* self, bf_str source, std::uint64_t limit, bf_done done) {
        guarded<DeadLetters>(done, [&](auto& own) {
            kind_of<Broker>(self).dead_letters(view(source), limit, std::move(own));
        });
    };
    table.replay = [](void* self, bf_str source, std::uint64_t limit, std::int64_t before,
                      bf_done done) {
        guarded<Replayed>(done, [&](auto& own) {
            kind_of<Broker>(self).replay(view(source), limit, before, std::move(own));
        });
    };
}

}  // namespace detail

template <class Author>
bf_broker Broker::make_table() {
    bf_broker table{};
    table.size = sizeof table;
    table.source_schema = str(Author::kSourceSchema);
    detail::fill_messages(table);
    detail::fill_bus(table);
    detail::fill_inquiries(table);
    return table;
}

}  // namespace belfry::sdk
