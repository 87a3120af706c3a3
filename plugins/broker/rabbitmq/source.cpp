#include "plugins/broker/rabbitmq/source.hpp"

#include <utility>

namespace belfry::rabbitmq {

namespace {

/// How long the end of a source waits for what is on its way to another queue.
constexpr std::int64_t kLastMoves = 3'000'000'000;
constexpr std::int64_t kIdle = 60'000'000'000;

SourceContext make_context(Shared& shared, const std::string& name, SourceSettings settings,
                           const bf_source& wire, std::shared_ptr<SourceInbox> inbox) {
    const sdk::Labels labels{{"source", name}};
    const auto& env = shared.env;
    bf_source own = wire;
    own.name = {};
    own.config = {};
    return {
        .shared = shared,
        .name = name,
        .settings = std::move(settings),
        .wire = own,
        .moved =
            [inbox = std::move(inbox)](Moved moved) {
                inbox->put([&](auto& orders) { orders.moved.push_back(std::move(moved)); });
            },
        .delivered_metric = env.counter("rabbitmq_delivered_total", "Messages delivered", labels),
        .redelivered_metric =
            env.counter("rabbitmq_redelivered_total", "Messages delivered before", labels),
        .retried_metric = env.counter("rabbitmq_retried_total", "Messages put off", labels),
        .dead_metric =
            env.counter("rabbitmq_dead_total", "Messages sent to the dead letters", labels),
    };
}

}  // namespace

Source::Source(Shared& shared, std::string name, SourceSettings settings, const bf_source& wire)
    : context_(make_context(shared, name, std::move(settings), wire, inbox_)),
      backoff_(shared.env) {}

Source::~Source() {
    stop();
    join();
}

void Source::start(sdk::Done<> done) {
    thread_ = std::thread([this, done = std::move(done)]() mutable { run(std::move(done)); });
}

void Source::settle(sdk::Array<bf_settlement> settlements) {
    std::vector<Settlement> copies;
    copies.reserve(settlements.size());
    for (const bf_settlement one : settlements) {
        copies.push_back({one.token, one.outcome, one.delay, std::string(sdk::view(one.reason))});
    }
    inbox_->put([&](auto& orders) {
        orders.settlements.insert(orders.settlements.end(), std::make_move_iterator(copies.begin()),
                                  std::make_move_iterator(copies.end()));
    });
}

void Source::pause(bool paused) {
    inbox_->put([&](auto& orders) { orders.is_paused = paused; });
}

void Source::cancel(sdk::Done<> done) {
    is_active_ = false;
    if (!inbox_->put([&](auto& orders) { orders.cancel = std::move(done); })) {
        done.ok();
    }
}

void Source::drain(std::function<void()> drained) {
    if (!inbox_->put([&](auto& orders) { orders.drained = drained; })) {
        drained();
    }
}

void Source::stats(sdk::Done<sdk::SourceStats> done) {
    if (!inbox_->put([&](auto& orders) { orders.stats.push_back(std::move(done)); })) {
        answer(done);
    }
}

void Source::stop() {
    inbox_->put([](auto& orders) { orders.is_stopped = true; });
}

void Source::join() {
    if (thread_.joinable()) {
        thread_.join();
    }
}

void Source::run(sdk::Done<> done) {
    if (begin(std::move(done))) {
        while (!is_over()) {
            try {
                if (consumer_ == nullptr) {
                    connect();
                    ++context_.reconnects;
                }
                turn();
            } catch (const Trouble& trouble) {
                lose(trouble.what(), trouble.kind == Trouble::Kind::channel ? sdk::Health::degraded
                                                                            : sdk::Health::down);
            } catch (const sdk::Failure& failure) {
                lose(failure.what(), sdk::Health::degraded);
            }
        }
        finish();
    }
    is_active_ = false;
    context_.shared.standing.clear("source " + context_.name);
    auto rest = inbox_->close();
    for (auto& stats : rest.stats) {
        answer(stats);
    }
    if (rest.cancel) {
        cancels_.push_back(std::move(*rest.cancel));
    }
    tell_cancelled();
    if (rest.drained) {
        rest.drained();
    }
    tell_drained();
    has_ended_ = true;
}

bool Source::begin(sdk::Done<> done) {
    try {
        connect();
    } catch (const Trouble& trouble) {
        has_failed_ = true;
        is_active_ = false;
        done.fail(trouble.failure(context_.shared.place));
        return false;
    } catch (const sdk::Failure& failure) {
        has_failed_ = true;
        is_active_ = false;
        done.fail(failure);
        return false;
    }
    done.ok();
    return true;
}

void Source::connect() {
    consumer_ = std::make_unique<Consumer>(context_, ++last_consumer_);
    consumer_->pause(is_paused_);
    if (is_draining_ || is_cancelled_) {
        consumer_->end();
    }
    backoff_.succeeded();
}

void Source::turn() {
    consumer_->read();
    obey(inbox_->take());
    consumer_->work(context_.shared.env.monotonic());
    const bool has_more = consumer_->deliver();
    consumer_->acknowledge();
    if (drained_ && consumer_->in_flight() + consumer_->moving() == 0) {
        tell_drained();
    }
    if (!has_more && !is_over()) {
        consumer_->wait(inbox_->wake(), kIdle);
    }
}

// What may throw comes behind what must not be forgotten.
void Source::obey(SourceInbox::Orders orders) {
    is_stopped_ = orders.is_stopped;
    is_paused_ = orders.is_paused;
    if (orders.cancel) {
        is_cancelled_ = true;
        cancels_.push_back(std::move(*orders.cancel));
    }
    if (orders.drained) {
        is_draining_ = true;
        drained_ = std::move(orders.drained);
    }
    if (consumer_ != nullptr) {
        for (const auto& settlement : orders.settlements) {
            consumer_->settle(settlement);
        }
        for (auto& moved : orders.moved) {
            consumer_->take(std::move(moved));
        }
        consumer_->pause(is_paused_);
    }
    end_deliveries();
    for (auto& stats : orders.stats) {
        answer(stats);
    }
}

void Source::answer(sdk::Done<sdk::SourceStats>& done) {
    sdk::SourceStats stats;
    if (consumer_ != nullptr && !has_ended_) {
        stats = consumer_->stats();
    }
    stats.redelivered = context_.redelivered;
    stats.dead = context_.dead;
    stats.reconnects = context_.reconnects;
    done.ok(stats);
}

void Source::end_deliveries() {
    tell_cancelled();  // no deliver call is running: they are made by this thread
    if (consumer_ != nullptr && (is_cancelled_ || is_draining_)) {
        consumer_->end();
    }
}

void Source::lose(const std::string& reason, sdk::Health health) {
    const auto& shared = context_.shared;
    consumer_.reset();
    context_.shared.standing.set("source " + context_.name, health,
                                 health == sdk::Health::down
                                     ? shared.place + ": " + reason
                                     : "source " + context_.name + ": " + reason);
    shared.env.log(sdk::Level::warning, "source does not stand",
                   {{"source", context_.name}, {"place", shared.place}, {"reason", reason}});
    wait_to_reconnect();
}

void Source::wait_to_reconnect() {
    const auto& env = context_.shared.env;
    const std::int64_t until = backoff_.failed();
    for (;;) {
        obey(inbox_->take());
        tell_drained();  // what was in flight has gone back
        const std::int64_t left = until - env.monotonic();
        if (left <= 0 || is_over()) {
            return;
        }
        inbox_->wake().wait(-1, left);
    }
}

void Source::finish() {
    if (consumer_ == nullptr) {
        return;
    }
    const auto& env = context_.shared.env;
    const std::int64_t until = env.monotonic() + kLastMoves;
    try {
        obey(inbox_->take());
        consumer_->end();
        consumer_->acknowledge();
        while (consumer_->moving() > 0 && env.monotonic() < until) {
            consumer_->wait(inbox_->wake(), until - env.monotonic());
            consumer_->read();
            obey(inbox_->take());
            consumer_->work(env.monotonic());
            consumer_->acknowledge();
        }
        consumer_->say_goodbye();
    } catch (const Trouble&) {
        // It is over anyhow; what was not acknowledged goes back.
        consumer_.reset();
    }
    consumer_.reset();
}

bool Source::is_over() const {
    const bool is_settled =
        consumer_ == nullptr || consumer_->in_flight() + consumer_->moving() == 0;
    return is_stopped_ || (is_cancelled_ && is_settled);
}

void Source::tell_cancelled() {
    for (auto& done : std::exchange(cancels_, {})) {
        done.ok();
    }
}

void Source::tell_drained() {
    if (const auto drained = std::exchange(drained_, nullptr)) {
        drained();
    }
}

}  // namespace belfry::rabbitmq
