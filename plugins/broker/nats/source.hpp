/// What every source does with messages once it has them: deliver, settle, bury.
#pragma once

#include "plugins/broker/nats/loop.hpp"
#include "plugins/broker/nats/message.hpp"
#include "plugins/broker/nats/publisher.hpp"

#include <belfry/broker.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace belfry::nats {

/// What the sources of an instance share.
struct Site {
    const sdk::Env env;
    const Settings& settings;
    Loop& loop;   ///< all of a source's state belongs to it
    Loop& clerk;  ///< waits for answers of the server
    Confirms& confirms;
    Publisher& publisher;
    std::uint64_t last_token = 0;
    std::function<void()> changed;  ///< a source stands or does not any more
};

/// The profile's side of a source.
struct Order {
    std::string name;
    std::uint64_t max_in_flight = 0;
    void* ctx = nullptr;
    void (*deliver)(void* ctx, const bf_message* messages, std::uint64_t count) = nullptr;
};

struct Settlement {
    std::uint32_t outcome = BF_SETTLED_OK;
    std::int64_t delay = 0;
    std::string reason;
};

/// On the loop. Deliveries come from the loop, too: that order is what makes cancel exact.
class Source : public std::enable_shared_from_this<Source> {
public:
    using Attached = std::move_only_function<void(std::optional<sdk::Failure> failure)>;

    Source(Site& site, Order order, SourceSettings settings);
    virtual ~Source() = default;
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;

    /// There is a connection. `attached` is called once, when the source stands or cannot.
    virtual void attach(std::shared_ptr<Link> link, Attached attached) = 0;
    /// There is none any more.
    virtual void detach() = 0;
    /// No more deliveries; what is in flight may still be settled.
    void end();
    /// Everything that is not settled goes back.
    void give_back();
    void pause(bool paused);
    /// False where it does not have this token.
    bool settle(std::uint64_t token, Settlement settlement);

    [[nodiscard]] const Order& order() const { return order_; }
    [[nodiscard]] const SourceSettings& settings() const { return settings_; }
    [[nodiscard]] bool is_active() const { return is_active_; }
    /// Nothing is left to be settled.
    [[nodiscard]] bool is_done() const { return !is_active_ && held_.empty(); }
    /// Why it does not stand any more; empty where it does, or never did.
    [[nodiscard]] std::string trouble() const { return has_stood_ ? trouble_ : std::string(); }
    [[nodiscard]] std::uint64_t in_flight() const { return in_flight_; }
    /// What is known without asking the server.
    [[nodiscard]] virtual sdk::SourceStats stats() const;

protected:
    enum class Stage : std::uint8_t {
        waiting,    ///< to be delivered
        delivered,  ///< with the daemon
        parked,     ///< settled while the source did not stand
        delayed,    ///< waits here for its next attempt
        burying,    ///< its dead letter is on its way
        buried,     ///< to be acknowledged
    };

    struct Held {
        Message message;
        Delivery delivery;
        Stage stage = Stage::waiting;
        Settlement settlement = {};
        Loop::Clock::time_point touched = Loop::Clock::now();  ///< of the lease
    };

    using HeldMap = std::unordered_map<std::uint64_t, Held>;  // by token

    enum class Place : std::uint8_t { last, first };

    /// Takes a message in, to be delivered -> its token.
    std::uint64_t take(Held held, Place place = Place::last);
    void forget(std::uint64_t token);
    /// Goes on with what was parked, after the source stands again.
    void unpark();
    void stands();
    void fails(const std::string& trouble);
    [[nodiscard]] bool is_standing() const { return trouble_.empty(); }

    /// It is done: tell the server; the token is forgotten.
    virtual void acknowledge(std::uint64_t token, Held& held) = 0;
    /// The same, after its dead letter is safe.
    virtual void acknowledge_dead(std::uint64_t token, Held& held) = 0;
    /// Again, after `delay`; the token is forgotten.
    virtual void put_back(std::uint64_t token, Held& held, std::int64_t delay) = 0;
    /// There is room for more.
    virtual void want_more() {}
    /// No message may come in any more.
    virtual void close() = 0;

    [[nodiscard]] Site& site() const { return site_; }
    [[nodiscard]] HeldMap& held() { return held_; }
    [[nodiscard]] const HeldMap& held() const { return held_; }
    [[nodiscard]] bool is_paused() const { return is_paused_; }

    std::uint64_t reconnects_ = 0;

private:
    void wake();
    void pump();
    void deliver(const std::vector<std::uint64_t>& tokens);
    void apply(std::uint64_t token, Held& held, Settlement settlement);
    void bury(std::uint64_t token, Held& held, std::string reason);
    void buried(std::uint64_t token, const Publisher::Result& result);
    void leave(Held& held, Stage stage);

    Site& site_;
    const Order order_;
    const SourceSettings settings_;
    HeldMap held_;
    std::deque<std::uint64_t> waiting_;
    std::string trouble_ = "not connected yet";
    std::uint64_t in_flight_ = 0;  ///< delivered and not settled
    std::uint64_t redelivered_ = 0;
    std::uint64_t dead_ = 0;
    sdk::Metric dead_letters_;
    bool is_active_ = true;
    bool is_paused_ = false;
    bool has_stood_ = false;
    bool is_woken_ = false;
};

}  // namespace belfry::nats
