#include "plugins/broker/nats/core_source.hpp"

#include <array>
#include <utility>

namespace belfry::nats {
namespace {

constexpr std::size_t kMostWaiting = 65'536;
constexpr std::size_t kMostBytes = 64U << 20U;

std::size_t size_of(const Message& message) {
    return body_of(message).size() + header_block(message).size();
}

std::string random_text(const sdk::Env& env) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::array<std::uint8_t, 8> bytes{};
    env.random(bytes);
    std::string text;
    for (const auto byte : bytes) {
        text += kDigits[byte >> 4U];
        text += kDigits[byte & 0xFU];
    }
    return text;
}

}  // namespace

CoreSource::CoreSource(Site& site, Order order, SourceSettings settings)
    : Source(site, std::move(order), std::move(settings)), run_(random_text(site.env)),
      lost_(site.env.counter("nats_lost_total",
                             "Messages of plain subscriptions lost to a full queue",
                             {{"source", this->order().name}})) {}

std::shared_ptr<CoreSource> CoreSource::self() {
    return std::static_pointer_cast<CoreSource>(shared_from_this());
}

void CoreSource::attach(std::shared_ptr<Link> link, Attached attached) {
    if (!is_active()) {
        attached(std::nullopt);
        return;
    }
    try {
        for (const auto& subject : settings().subjects) {
            subscriptions_.push_back(link->subscribe(
                {subject, settings().queue, static_cast<int>(kMostWaiting)},
                [weak = std::weak_ptr(self()), &loop = site().loop](Message message) {
                    loop.post([weak, message = std::move(message)]() mutable {
                        if (const auto self = weak.lock()) {
                            self->arrived(std::move(message));
                        }
                    });
                }));
        }
    } catch (const sdk::Failure& failure) {
        close();
        fails(settings().place() + ": " + failure.what());
        attached(failure);
        return;
    }
    // It stands once the server knows of it.
    site().clerk.post(
        [self = self(), link = std::move(link), attached = std::move(attached)]() mutable {
            const bool is_there = link->flush();
            auto& loop = self->site().loop;
            loop.post([self = std::move(self), is_there, attached = std::move(attached)]() mutable {
                if (is_there && !self->subscriptions_.empty()) {
                    self->stands();
                    self->unpark();
                    attached(std::nullopt);
                } else {
                    attached(sdk::Failure(sdk::Status::unavailable,
                                          self->settings().place() + ": no connection"));
                }
            });
        });
}

void CoreSource::detach() {
    ++reconnects_;
    close();
    fails(settings().place() + ": no connection");
}

void CoreSource::close() {
    subscriptions_.clear();
    if (!is_active()) {
        drop_delayed();
    }
}

void CoreSource::drop_delayed() {
    std::erase_if(held(), [this](const auto& one) {
        const bool is_delayed = one.second.stage == Stage::delayed;
        bytes_ -= is_delayed ? size_of(one.second.message) : 0;
        return is_delayed;
    });
}

void CoreSource::arrived(Message message) {
    const auto size = size_of(message);
    if (!is_active() || held().size() >= kMostWaiting || bytes_ + size > kMostBytes) {
        lost_.add();
        return;
    }
    bytes_ += size;
    Delivery delivery;
    delivery.coordinates =
        std::string(subject_of(message)) + "@" + run_ + "-" + std::to_string(++last_);
    take({std::move(message), std::move(delivery)});
}

void CoreSource::drop(std::uint64_t token, const Held& held) {
    bytes_ -= size_of(held.message);
    forget(token);
}

void CoreSource::acknowledge(std::uint64_t token, Held& held) { drop(token, held); }

void CoreSource::acknowledge_dead(std::uint64_t token, Held& held) { drop(token, held); }

void CoreSource::put_back(std::uint64_t token, Held& held, std::int64_t delay) {
    if (!is_active()) {
        drop(token, held);  // the server does not take it back
        return;
    }
    held.stage = Stage::delayed;
    site().loop.after(std::chrono::nanoseconds(delay), [weak = std::weak_ptr(self()), token] {
        const auto self = weak.lock();
        if (self == nullptr || !self->held().contains(token)) {
            return;
        }
        // Another token: the former one is settled.
        auto again = std::move(self->held().at(token));
        self->forget(token);
        ++again.delivery.attempt;
        self->take(std::move(again), Place::first);
    });
}

sdk::SourceStats CoreSource::stats() const {
    auto stats = Source::stats();
    stats.lag = held().size() - std::min<std::size_t>(held().size(), in_flight());
    return stats;
}

}  // namespace belfry::nats
