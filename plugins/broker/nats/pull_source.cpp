// What comes in and what goes back; pull_standing.cpp has how the source comes to stand.
#include "plugins/broker/nats/pull_source.hpp"

#include "plugins/broker/nats/headers.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <utility>

namespace belfry::nats {

namespace json = boost::json;

namespace {

constexpr std::uint64_t kBatch = 256;
// A consumer whose server lost sight of a new message finds it when it is asked again.
constexpr std::int64_t kExpires = 5'000'000'000;
constexpr std::int64_t kHeartbeat = 1'500'000'000;
constexpr std::chrono::seconds kSilence{6};
constexpr std::chrono::seconds kLongestTick{1};
constexpr std::chrono::seconds kAfterRefusal{1};
constexpr int kTicksPerLease = 4;
// Until the server has forgotten a pull that nobody waits for any more.
constexpr std::int64_t kCleared = 100'000'000;

std::string nak(std::int64_t delay) {
    return delay > 0 ? "-NAK " + json::serialize(json::object{{"delay", delay}}) : "-NAK";
}

}  // namespace

void PullSource::pull() {
    if (link_ == nullptr || !is_standing() || !is_active() || is_paused() || outstanding_ > 0 ||
        held().size() >= order().max_in_flight) {
        return;
    }
    auto batch = std::min<std::uint64_t>(kBatch, order().max_in_flight - held().size());
    if (standing_.max_batch > 0) {
        batch = std::min(batch, standing_.max_batch);
    }
    const auto expires =
        standing_.max_expires > 0 ? std::min(kExpires, standing_.max_expires) : kExpires;
    outstanding_ = batch;
    heard_ = Loop::Clock::now();
    ask_for(batch, expires);
}

void PullSource::ask_for(std::uint64_t batch, std::int64_t expires) {
    const std::string body =
        json::serialize(json::object{{"batch", batch},
                                     {"expires", expires},
                                     {"idle_heartbeat", std::min(kHeartbeat, expires / 3)}});
    Draft draft{"$JS.API.CONSUMER.MSG.NEXT." + settings().stream + "." + settings().durable,
                inbox_ + "." + std::to_string(++pulls_),
                {},
                body};
    (void)link_->send(make_message(draft));
}

void PullSource::clear_pulls() {
    // Nobody waits for this one either: to see that, the server looks at all of them.
    ask_for(1, 1'000'000'000);
}

void PullSource::on_message(Message message) {
    heard_ = Loop::Clock::now();
    // A message of the stream has the subject it was published to.
    if (subject_of(message).starts_with(inbox_)) {
        on_status(message, header_block(message));
        return;
    }
    auto delivery = parse_delivery(reply_of(message));
    if (!delivery) {
        return;  // somebody else's: it has nothing to acknowledge
    }
    outstanding_ -= std::min<std::uint64_t>(outstanding_, 1);
    arrived(std::move(message), std::move(*delivery));
    pull();
}

void PullSource::on_status(const Message& message, std::string_view block) {
    const auto status = status_of(block);
    const auto text = status_text(block);
    const bool is_of_last =
        subject_of(message) == inbox_ + "." + std::to_string(pulls_) && outstanding_ > 0;
    if (status == "100" || !is_of_last) {
        return;
    }
    if (status == "404" || (status == "408" && !text.contains("Pending"))) {
        outstanding_ = 0;
        pull();
    } else if (text.contains("Max") || text.contains("Pending")) {
        outstanding_ = 0;  // a limit is reached: nothing is wrong with the consumer
        site().loop.after(kAfterRefusal, [self = self()] { self->pull(); });
    } else {
        stumble(std::string(text.empty() ? status : text));
    }
}

void PullSource::arrived(Message message, Delivery delivery) {
    const auto sequence = delivery.sequence;
    if (acknowledged_.contains(sequence)) {
        answer({std::move(message), {}}, "+ACK");  // the server was killed and has forgotten it
        return;
    }
    if (const auto known = tokens_.find(sequence); known != tokens_.end()) {
        auto& old = held().at(known->second);
        if (old.stage == Stage::burying || old.stage == Stage::buried) {
            old.message = std::move(message);  // acknowledged by its newest delivery
            return;
        }
        // The lease was lost: what is done with the former delivery does not count any more.
        attempts_[sequence] = old.delivery.attempt;
        forget(known->second);
    }
    if (!is_active()) {
        answer({std::move(message), std::move(delivery)}, nak(kCleared));
        return;
    }
    if (const auto former = attempts_.extract(sequence); !former.empty()) {
        delivery.attempt = std::max(delivery.attempt, former.mapped() + 1);
    }
    tokens_[sequence] = take({std::move(message), std::move(delivery)});
}

void PullSource::answer(const Held& held, std::string_view body) const {
    if (link_ != nullptr) {
        (void)link_->send(std::string(reply_of(held.message)), body);
    }
}

void PullSource::acknowledge(std::uint64_t token, Held& held) {
    answer(held, "+ACK");
    acknowledged_.add(held.delivery.sequence, std::string(reply_of(held.message)));
    tokens_.erase(held.delivery.sequence);
    forget(token);
}

void PullSource::acknowledge_dead(std::uint64_t token, Held& held) {
    if (link_ == nullptr) {
        return;
    }
    // A lost acknowledgement would bring it back to life: it is confirmed.
    const auto reply = site().confirms.new_reply();
    if (link_->send(make_message({std::string(reply_of(held.message)), reply, {}, "+TERM"})) !=
        NATS_OK) {
        return;
    }
    site().confirms.expect(reply, [self = self(), token](const Message& answered) {
        const auto found = self->held().find(token);
        if (found == self->held().end()) {
            return;
        }
        if (answered != nullptr) {
            self->tokens_.erase(found->second.delivery.sequence);
            self->forget(token);
            self->pull();
        } else if (self->is_standing()) {
            self->acknowledge_dead(token, found->second);
        }
    });
}

void PullSource::put_back(std::uint64_t token, Held& held, std::int64_t delay) {
    answer(held, nak(is_active() ? delay : std::max(delay, kCleared)));
    tokens_.erase(held.delivery.sequence);
    forget(token);
}

void PullSource::drop_all() {
    tokens_.clear();
    attempts_.clear();
    acknowledged_.clear();
    std::vector<std::uint64_t> tokens;
    for (const auto& [token, one] : held()) {
        tokens.push_back(token);
    }
    std::ranges::for_each(tokens, [this](auto token) { forget(token); });
}

void PullSource::put_back_delivered() {
    attempts_.clear();
    std::vector<std::uint64_t> tokens;
    for (const auto& [token, one] : held()) {
        if (one.stage == Stage::delivered) {
            tokens.push_back(token);
        }
    }
    if (!tokens.empty()) {
        clear_pulls();
    }
    for (const auto token : tokens) {
        auto& one = held().at(token);
        attempts_[one.delivery.sequence] = one.delivery.attempt;
        put_back(token, one, kCleared);
    }
}

void PullSource::acknowledge_again() {
    for (const auto& [sequence, subject] : acknowledged_.subjects()) {
        (void)link_->send(subject, "+ACK");
    }
}

void PullSource::tick() {
    if (std::exchange(is_ticking_, true)) {
        return;
    }
    const auto lease = std::chrono::nanoseconds(standing_.ack_wait) / kTicksPerLease;
    const auto next = std::min<std::chrono::nanoseconds>(lease, kLongestTick);
    site().loop.after(next, [weak = std::weak_ptr(self())] {
        if (const auto self = weak.lock()) {
            self->is_ticking_ = false;
            if (self->is_standing() && self->link_ != nullptr) {
                self->extend_leases();
                self->tick();
            }
        }
    });
    if (outstanding_ > 0 && Loop::Clock::now() - heard_ > kSilence) {
        stumble("no sign of life");
    }
}

void PullSource::extend_leases() {
    const auto now = Loop::Clock::now();
    const auto quarter = std::chrono::nanoseconds(standing_.ack_wait) / kTicksPerLease;
    for (auto& [token, one] : held()) {
        if (now - one.touched >= quarter) {
            answer(one, "+WPI");
            one.touched = now;
        }
    }
}

}  // namespace belfry::nats
