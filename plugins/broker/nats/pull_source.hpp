/// A durable pull consumer of JetStream.
#pragma once

#include "plugins/broker/nats/jetstream.hpp"
#include "plugins/broker/nats/recent_acks.hpp"
#include "plugins/broker/nats/source.hpp"
#include "plugins/broker/nats/topology.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

namespace belfry::nats {

class PullSource final : public Source {
public:
    using Source::Source;

    void attach(std::shared_ptr<Link> link, Attached attached) override;
    void detach() override;

private:
    void acknowledge(std::uint64_t token, Held& held) override;
    void acknowledge_dead(std::uint64_t token, Held& held) override;
    void put_back(std::uint64_t token, Held& held, std::int64_t delay) override;
    void want_more() override { pull(); }
    void close() override;

    [[nodiscard]] std::shared_ptr<PullSource> self();
    void begin(Attached attached);
    void examined(const std::optional<Standing>& standing, const sdk::Failure& failure,
                  Attached attached);
    void begin_again();
    void stand_on(const Standing& standing);
    /// It does not stand any more; tries until it does.
    void stumble(const std::string& reason);
    [[nodiscard]] Link::Handler to_loop(void (PullSource::*handle)(Message));

    void pull();
    void ask_for(std::uint64_t batch, std::int64_t expires);
    /// Makes the server forget pulls that nobody waits for any more: a server of 2.9 that finds
    /// one when it delivers again delivers another message in its stead.
    void clear_pulls();
    void on_message(Message message);
    void on_status(const Message& message, std::string_view block);
    void arrived(Message message, Delivery delivery);
    void answer(const Held& held, std::string_view body) const;
    void drop_all();
    /// What was delivered before the connection was lost and is not settled comes again.
    void put_back_delivered();
    void acknowledge_again();

    void tick();
    void extend_leases();

    /// The server has given up on a message.
    void on_parked(Message message);
    void bury_stored(const Stored& stored, std::uint64_t deliveries);

    std::shared_ptr<Link> link_;
    std::uint64_t generation_ = 0;  ///< of the link and of what was begun on it
    unsigned failures_ = 0;
    Standing standing_;
    std::string inbox_;
    Link::Subscribed messages_;
    Link::Subscribed advisories_;
    std::uint64_t pulls_ = 0;
    std::uint64_t outstanding_ = 0;  ///< messages of the last pull that may still come
    Loop::Clock::time_point heard_;
    bool is_ticking_ = false;
    std::unordered_map<std::uint64_t, std::uint64_t> tokens_;  // by sequence
    /// Deliveries before the connection was lost: a server that was killed may have forgotten them.
    std::unordered_map<std::uint64_t, std::uint64_t> attempts_;  // by sequence
    RecentAcks acknowledged_;
};

}  // namespace belfry::nats
