#include "plugins/broker/nats/confirms.hpp"

#include <charconv>
#include <utility>

namespace belfry::nats {

Confirms::Confirms(Loop& loop, std::int64_t timeout)
    : loop_(loop), timeout_(std::chrono::nanoseconds(timeout)) {
    natsInbox* inbox = nullptr;
    if (natsInbox_Create(&inbox) != NATS_OK) {
        throw sdk::ConfigError("the library cannot make a subject for answers");
    }
    inbox_ = std::string(inbox) + ".";
    natsInbox_Destroy(inbox);
}

void Confirms::attach(Link& link) {
    subscribed_ = link.subscribe({inbox_ + "*", "", 0}, [this](Message message) {
        loop_.post(
            [this, message = std::move(message)]() mutable { answered(std::move(message)); });
    });
}

void Confirms::detach() {
    subscribed_.reset();
    for (auto& [number, waiting] : std::exchange(waiting_, {})) {
        waiting.handler(nullptr);
    }
}

std::string Confirms::new_reply() { return inbox_ + std::to_string(++last_); }

void Confirms::expect(const std::string& reply, Handler handler) {
    waiting_.insert_or_assign(number_of(reply),
                              Waiting{Loop::Clock::now() + timeout_, std::move(handler)});
    watch();
}

std::uint64_t Confirms::number_of(std::string_view reply) const {
    std::uint64_t number = 0;
    reply.remove_prefix(std::min(reply.size(), inbox_.size()));
    std::from_chars(reply.data(), reply.data() + reply.size(), number);
    return number;
}

void Confirms::answered(Message message) {
    auto found = waiting_.extract(number_of(subject_of(message)));
    if (!found.empty()) {
        found.mapped().handler(std::move(message));
    }
}

void Confirms::watch() {
    if (!waiting_.empty() && !std::exchange(is_watching_, true)) {
        const auto wait = waiting_.begin()->second.until - Loop::Clock::now();
        loop_.after(std::max(wait, Loop::Clock::duration(std::chrono::milliseconds(10))), [this] {
            is_watching_ = false;
            expire();
            watch();
        });
    }
}

void Confirms::expire() {
    const auto now = Loop::Clock::now();
    while (!waiting_.empty() && waiting_.begin()->second.until <= now) {
        auto first = waiting_.extract(waiting_.begin());
        first.mapped().handler(nullptr);
    }
}

}  // namespace belfry::nats
