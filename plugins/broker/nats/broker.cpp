// What the daemon calls; service.cpp has the life cycle and the connection.
#include "plugins/broker/nats/broker.hpp"

#include "plugins/broker/nats/core_source.hpp"
#include "plugins/broker/nats/inquiries.hpp"
#include "plugins/broker/nats/pull_source.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace belfry::nats {
namespace {

constexpr std::string_view kNotRunning = "the broker is not running";

std::string no_source(std::string_view name) { return "no source " + std::string(name); }

}  // namespace

Broker::Broker(sdk::Env env, std::string_view /*name*/, std::string_view config)
    : sdk::Broker(env), settings_(parse_settings(config)), place_(settings_.place()), loop_(env),
      clerk_(env), confirms_(loop_, settings_.request_timeout),
      publisher_(loop_, confirms_, settings_, env), bus_(loop_, clerk_, settings_.prefix, env),
      site_{env, settings_, loop_, clerk_, confirms_, publisher_, 0, [this] { report(); }},
      reconnects_(env.counter("nats_reconnects_total", "Connections that were lost")) {}

void Broker::publish(const bf_message& message, sdk::Done<> done) {
    if (!is_running()) {
        done.fail(sdk::Status::closed, kNotRunning);
        return;
    }
    publisher_.publish(message, std::move(done));
}

void Broker::consume(const bf_source& source, sdk::Done<> done) {
    if (!is_running() || is_draining_) {
        done.fail(sdk::Status::closed, kNotRunning);
        return;
    }
    Order order{std::string(sdk::view(source.name)), source.max_in_flight, source.ctx,
                source.deliver};
    if (order.name.empty() || order.max_in_flight == 0) {
        done.fail(sdk::Status::invalid, "a source needs a name and max_in_flight");
        return;
    }
    auto settings = parse_source(sdk::view(source.config), settings_.prefix);
    loop_.post([this, order = std::move(order), settings = std::move(settings),
                done = std::move(done)]() mutable {
        begin(std::move(order), std::move(settings), std::move(done));
    });
}

void Broker::begin(Order order, SourceSettings settings, sdk::Done<> done) {
    if (find(order.name) != nullptr) {
        done.fail(sdk::Status::conflict, "source " + order.name + " is there already");
        return;
    }
    if (link_ == nullptr) {
        done.fail(sdk::Status::unavailable, place_ + ": " + down_);
        return;
    }
    SourcePtr source;
    if (settings.stream.empty()) {
        source = std::make_shared<CoreSource>(site_, std::move(order), std::move(settings));
    } else {
        source = std::make_shared<PullSource>(site_, std::move(order), std::move(settings));
    }
    sources_.push_back(source);
    source->attach(link_, [this, weak = std::weak_ptr(source),
                           done = std::move(done)](std::optional<sdk::Failure> failure) mutable {
        if (!failure) {
            done.ok();
            return;
        }
        if (const auto failed = weak.lock()) {
            failed->end();
            std::erase(sources_, failed);
            report();
        }
        done.fail(*failure);
    });
}

void Broker::cancel(std::string_view source, sdk::Done<> done) {
    if (!is_running()) {
        done.fail(sdk::Status::closed, kNotRunning);
        return;
    }
    loop_.post([this, name = std::string(source), done = std::move(done)]() mutable {
        const auto found = find(name);
        if (found == nullptr) {
            done.fail(sdk::Status::not_found, no_source(name));
            return;
        }
        found->end();
        forget_done();
        report();
        done.ok();
    });
}

void Broker::settle(std::string_view source, sdk::Array<bf_settlement> settlements) {
    if (!is_running()) {
        return;
    }
    std::vector<std::pair<std::uint64_t, Settlement>> copies;
    copies.reserve(settlements.size());
    for (const bf_settlement one : settlements) {
        copies.emplace_back(one.token,
                            Settlement{one.outcome, one.delay, std::string(sdk::view(one.reason))});
    }
    loop_.post([this, name = std::string(source), copies = std::move(copies)]() mutable {
        for (auto& [token, settlement] : copies) {
            // One that was cancelled may still have it.
            for (const auto& known : sources_) {
                if (known->order().name == name && known->settle(token, settlement)) {
                    break;
                }
            }
        }
        forget_done();
    });
}

void Broker::pause(std::string_view source, bool paused) {
    if (!is_running()) {
        return;
    }
    loop_.post([this, name = std::string(source), paused] {
        if (const auto found = find(name)) {
            found->pause(paused);
        }
    });
}

void Broker::broadcast(std::uint32_t partition, sdk::Bytes message) {
    if (is_running()) {
        bus_.broadcast(partition, message);
    }
}

void Broker::listen(std::span<const std::uint32_t> partitions, sdk::Listener listener,
                    sdk::Done<> done) {
    if (!is_running()) {
        done.fail(sdk::Status::closed, kNotRunning);
        return;
    }
    loop_.post([this, set = std::unordered_set(partitions.begin(), partitions.end()), listener,
                done = std::move(done)]() mutable {
        bus_.listen(std::move(set), listener, std::move(done));
    });
}

template <class Value>
void Broker::inquire(std::string_view source, sdk::Done<Value> done, Inquiry<Value> inquiry) {
    if (!is_running()) {
        done.fail(sdk::Status::closed, kNotRunning);
        return;
    }
    loop_.post([this, name = std::string(source), done = std::move(done),
                inquiry = std::move(inquiry)]() mutable {
        const auto found = find(name);
        if (found == nullptr) {
            done.fail(sdk::Status::not_found, no_source(name));
            return;
        }
        if (link_ == nullptr) {
            done.fail(sdk::Status::unavailable, place_ + ": " + down_);
            return;
        }
        clerk_.post(
            [link = link_, found, done = std::move(done), inquiry = std::move(inquiry)]() mutable {
                try {
                    inquiry(*link, found->settings(), done);
                } catch (const sdk::Failure& failure) {
                    done.fail(failure);
                }
            });
    });
}

void Broker::source_stats(std::string_view source, sdk::Done<sdk::SourceStats> done) {
    if (!is_running()) {
        done.fail(sdk::Status::closed, kNotRunning);
        return;
    }
    loop_.post([this, name = std::string(source), done = std::move(done)]() mutable {
        const auto found = find(name);
        if (found == nullptr) {
            done.fail(sdk::Status::not_found, no_source(name));
            return;
        }
        auto known = found->stats();
        if (link_ == nullptr) {
            done.ok(known);
            return;
        }
        clerk_.post([link = link_, found, known, done = std::move(done)]() mutable {
            try {
                known = ask_stats(*link, found->settings(), known);
            } catch (const sdk::Failure&) {
                known.connected = false;  // what the plugin knows by itself is still told
            }
            done.ok(known);
        });
    });
}

void Broker::dead_letters(std::string_view source, std::uint64_t limit,
                          sdk::Done<sdk::DeadLetters> done) {
    inquire<sdk::DeadLetters>(
        source, std::move(done),
        [limit](const Link& link, const SourceSettings& settings, auto& answer) {
            list_dead_letters(link, settings, limit, answer);
        });
}

void Broker::replay(std::string_view source, std::uint64_t limit, std::int64_t before,
                    sdk::Done<sdk::Replayed> done) {
    inquire<sdk::Replayed>(
        source, std::move(done),
        [this, limit, before](const Link& link, const SourceSettings& settings, auto& answer) {
            answer.ok({replay_dead_letters(link, settings_, settings, {limit, before})});
        });
}

Broker::SourcePtr Broker::find(std::string_view name) const {
    const auto found = std::ranges::find_if(sources_, [&](const auto& source) {
        return source->is_active() && source->order().name == name;
    });
    return found == sources_.end() ? nullptr : *found;
}

void Broker::forget_done() {
    std::erase_if(sources_, [](const auto& source) { return source->is_done(); });
}

}  // namespace belfry::nats
