#include "plugins/broker/nats/source.hpp"

#include "plugins/broker/nats/grave.hpp"

#include <algorithm>
#include <utility>

namespace belfry::nats {
namespace {

constexpr std::size_t kMostInBatch = 64;

}  // namespace

Source::Source(Site& site, Order order, SourceSettings settings)
    : site_(site), order_(std::move(order)), settings_(std::move(settings)),
      dead_letters_(site.env.counter("nats_dead_letters_total", "Messages given up",
                                     {{"source", order_.name}})) {}

void Source::end() {
    is_active_ = false;
    close();
    // What was never delivered is not settled by anybody.
    for (const auto token : std::exchange(waiting_, {})) {
        if (const auto found = held_.find(token); found != held_.end()) {
            put_back(token, found->second, 0);
        }
    }
}

void Source::give_back() {
    std::vector<std::uint64_t> tokens;
    for (const auto& [token, held] : held_) {
        tokens.push_back(token);
    }
    for (const auto token : tokens) {
        auto& held = held_.at(token);
        if (held.stage == Stage::delivered || held.stage == Stage::waiting) {
            put_back(token, held, 0);
        }
    }
    held_.clear();
    in_flight_ = 0;
}

void Source::pause(bool paused) {
    is_paused_ = paused;
    if (!paused) {
        wake();
        want_more();
    }
}

bool Source::settle(std::uint64_t token, Settlement settlement) {
    const auto found = held_.find(token);
    if (found == held_.end() || found->second.stage != Stage::delivered) {
        return false;
    }
    auto& held = found->second;
    leave(held, Stage::parked);
    held.settlement = std::move(settlement);
    if (is_standing()) {
        apply(token, held, std::move(held.settlement));
    }
    if (!waiting_.empty()) {
        wake();
    }
    want_more();
    return true;
}

void Source::apply(std::uint64_t token, Held& held, Settlement settlement) {
    const auto attempt = held.delivery.attempt;
    const auto& retry = settings_.retry;
    if (settlement.outcome == BF_SETTLED_OK) {
        acknowledge(token, held);
    } else if (settlement.outcome == BF_SETTLED_DEAD) {
        bury(token, held, std::move(settlement.reason));
    } else if (attempt >= retry.limit) {
        bury(token, held,
             "attempt " + std::to_string(attempt) + " of " + std::to_string(retry.limit) +
                 " failed: " + settlement.reason);
    } else {
        put_back(token, held, settlement.delay > 0 ? settlement.delay : retry.delay_after(attempt));
    }
}

void Source::bury(std::uint64_t token, Held& held, std::string reason) {
    held.stage = Stage::burying;
    if (settings_.dead_letters.empty()) {
        site_.env.log(sdk::Level::warning, "dead message dropped, the source has no dead letters",
                      {{"source", order_.name},
                       {"coordinates", held.delivery.coordinates},
                       {"reason", reason}});
        buried(token, {});
        return;
    }
    const Death death{
        order_.name,           reason,         subject_of(held.message), held.delivery.coordinates,
        held.delivery.attempt, site_.env.now()};
    auto draft = make_dead_letter(settings_.dead_letters, death,
                                  parse_headers(header_block(held.message)), body_of(held.message));
    held.settlement = {BF_SETTLED_DEAD, 0, std::move(reason)};
    site_.publisher.publish(std::move(draft),
                            [weak = weak_from_this(), token](const Publisher::Result& result) {
                                if (const auto self = weak.lock()) {
                                    self->buried(token, result);
                                }
                            });
}

void Source::buried(std::uint64_t token, const Publisher::Result& result) {
    const auto found = held_.find(token);
    if (found == held_.end()) {
        return;
    }
    auto& held = found->second;
    if (result.status == sdk::Status::ok) {
        ++dead_;
        dead_letters_.add();
        held.stage = Stage::buried;
        if (is_standing()) {
            acknowledge_dead(token, held);
        }
        return;
    }
    site_.env.log(sdk::Level::warning, "dead letter not written",
                  {{"source", order_.name},
                   {"coordinates", held.delivery.coordinates},
                   {"error", result.message}});
    if (is_standing()) {
        put_back(token, held, settings_.retry.delay_after(held.delivery.attempt));
        want_more();
    } else {
        held.stage = Stage::parked;
    }
}

sdk::SourceStats Source::stats() const {
    sdk::SourceStats stats;
    stats.connected = is_active_ && is_standing();
    stats.in_flight = in_flight_;
    stats.redelivered = redelivered_;
    stats.dead = dead_;
    stats.reconnects = reconnects_;
    return stats;
}

std::uint64_t Source::take(Held held, Place place) {
    const auto token = ++site_.last_token;
    held.stage = Stage::waiting;
    held_.emplace(token, std::move(held));
    waiting_.insert(place == Place::first ? waiting_.begin() : waiting_.end(), token);
    wake();
    return token;
}

void Source::forget(std::uint64_t token) {
    const auto found = held_.find(token);
    if (found != held_.end()) {
        leave(found->second, Stage::parked);
        held_.erase(found);
    }
}

void Source::leave(Held& held, Stage stage) {
    in_flight_ -= held.stage == Stage::delivered ? 1 : 0;
    held.stage = stage;
}

void Source::unpark() {
    std::vector<std::uint64_t> tokens;
    for (const auto& [token, held] : held_) {
        tokens.push_back(token);
    }
    for (const auto token : tokens) {
        auto& held = held_.at(token);
        if (held.stage == Stage::parked) {
            apply(token, held, std::move(held.settlement));
        } else if (held.stage == Stage::buried) {
            acknowledge_dead(token, held);
        }
    }
}

void Source::stands() {
    has_stood_ = true;
    trouble_.clear();
    site_.changed();
    wake();
}

void Source::fails(const std::string& trouble) {
    trouble_ = trouble;
    site_.changed();
}

void Source::wake() {
    if (!std::exchange(is_woken_, true)) {
        // Behind what has arrived by now, so that it is delivered together.
        site_.loop.post([self = shared_from_this()] { self->pump(); });
    }
}

void Source::pump() {
    is_woken_ = false;
    std::vector<std::uint64_t> tokens;
    const bool is_open = is_active_ && !is_paused_;
    while (is_open && !waiting_.empty() && tokens.size() < kMostInBatch &&
           in_flight_ + tokens.size() < order_.max_in_flight) {
        if (held_.contains(waiting_.front())) {
            tokens.push_back(waiting_.front());
        }
        waiting_.pop_front();
    }
    if (!tokens.empty()) {
        deliver(tokens);
        wake();
    }
}

void Source::deliver(const std::vector<std::uint64_t>& tokens) {
    std::deque<Incoming> incoming;
    std::vector<bf_message> messages;
    for (const auto token : tokens) {
        auto& held = held_.at(token);
        held.stage = Stage::delivered;
        ++in_flight_;
        redelivered_ += held.delivery.attempt > 1 ? 1 : 0;
        messages.push_back(incoming.emplace_back(held.message, held.delivery, token).wire());
    }
    order_.deliver(order_.ctx, messages.data(), messages.size());
}

}  // namespace belfry::nats
