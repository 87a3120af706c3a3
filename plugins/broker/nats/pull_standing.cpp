// How a pull source comes to stand, again and again.
#include "plugins/broker/nats/grave.hpp"
#include "plugins/broker/nats/jitter.hpp"
#include "plugins/broker/nats/pull_source.hpp"

#include <boost/json.hpp>

#include <cstdlib>
#include <utility>

namespace belfry::nats {

namespace json = boost::json;

namespace {

constexpr std::chrono::milliseconds kFirstDelay{100};
// While a stream is being deleted a server of 2.9 makes only half of a new one.
constexpr unsigned kDelaysAfterDeletion = 4;
constexpr std::chrono::milliseconds kLongestDelay{3'000};
// Of the nodes that hear of it, one does it.
constexpr std::string_view kAdvisoryQueue = "belfry";

constexpr std::int64_t kSecond = 1'000'000'000;

/// Neither stream nor consumer was deleted and made again.
bool is_same(const Standing& former, const Standing& present) {
    return former.stream_created == present.stream_created &&
           std::abs(former.consumer_created - present.consumer_created) < kSecond;
}

}  // namespace

std::shared_ptr<PullSource> PullSource::self() {
    return std::static_pointer_cast<PullSource>(shared_from_this());
}

void PullSource::attach(std::shared_ptr<Link> link, Attached attached) {
    link_ = std::move(link);
    failures_ = 0;
    begin(std::move(attached));
}

void PullSource::detach() {
    ++generation_;
    ++reconnects_;
    close();
    link_ = nullptr;
    fails(settings().place() + ": no connection");
}

void PullSource::close() {
    messages_.reset();
    advisories_.reset();
    if (link_ != nullptr && outstanding_ > 0) {
        clear_pulls();
    }
    outstanding_ = 0;
}

void PullSource::begin(Attached attached) {
    site().clerk.post([self = self(), link = link_, generation = ++generation_,
                       attached = std::move(attached)]() mutable {
        std::optional<Standing> standing;
        sdk::Failure failure(sdk::Status::unavailable, "connection lost");
        try {
            standing = stand(*link, self->settings(), self->order().max_in_flight);
        } catch (const sdk::Failure& found) {
            failure = found;
        }
        auto& loop = self->site().loop;
        loop.post([self = std::move(self), standing, failure, generation,
                   attached = std::move(attached)]() mutable {
            if (self->generation_ == generation) {
                self->examined(standing, failure, std::move(attached));
            } else {
                attached(sdk::Failure(sdk::Status::unavailable, "connection lost"));
            }
        });
    });
}

void PullSource::examined(const std::optional<Standing>& standing, const sdk::Failure& failure,
                          Attached attached) {
    auto found = failure;
    if (standing) {
        try {
            stand_on(*standing);
            attached(std::nullopt);
            return;
        } catch (const sdk::Failure& lost) {
            found = lost;
        }
    }
    attached(found);
    if (!is_active()) {
        drop_all();  // nobody knows whose they are: they come again
    } else if (link_ != nullptr) {
        fails(settings().place() + ": " + found.what());
        begin_again();
    }
}

void PullSource::begin_again() {
    const auto delay = jitter(site().env, kFirstDelay, kLongestDelay, failures_++);
    site().loop.after(delay, [weak = std::weak_ptr(self()), generation = generation_] {
        const auto self = weak.lock();
        if (self != nullptr && self->generation_ == generation && !self->is_done()) {
            self->begin([](const auto&) {});
        }
    });
}

Link::Handler PullSource::to_loop(void (PullSource::*handle)(Message)) {
    return [weak = std::weak_ptr(self()), &loop = site().loop, handle](Message message) {
        loop.post([weak, handle, message = std::move(message)]() mutable {
            if (const auto self = weak.lock()) {
                (self.get()->*handle)(std::move(message));
            }
        });
    };
}

void PullSource::stand_on(const Standing& standing) {
    if (standing_.stream_created != 0 && !is_same(standing_, standing)) {
        site().env.log(sdk::Level::warning, "stream or consumer was made again",
                       {{"source", order().name}, {"place", settings().place()}});
        drop_all();  // an acknowledgement would hit another message
    }
    standing_ = standing;
    failures_ = 0;
    if (is_active()) {
        inbox_ = site().confirms.new_reply() + ".pull";
        messages_ = link_->subscribe({inbox_ + ".*", "", 0}, to_loop(&PullSource::on_message));
        advisories_ = link_->subscribe({"$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES." +
                                            settings().stream + "." + settings().durable,
                                        std::string(kAdvisoryQueue), 0},
                                       to_loop(&PullSource::on_parked));
    }
    stands();
    acknowledge_again();
    unpark();
    put_back_delivered();
    pull();
    tick();
}

void PullSource::stumble(const std::string& reason) {
    if (!is_standing()) {
        return;
    }
    ++generation_;
    ++reconnects_;
    close();
    if (reason.contains("Deleted")) {
        standing_.consumer_created = 0;
        failures_ = kDelaysAfterDeletion;
    }
    site().env.log(sdk::Level::warning, "source does not stand any more",
                   {{"source", order().name}, {"place", settings().place()}, {"reason", reason}});
    fails(settings().place() + ": " + reason);
    begin_again();
}

void PullSource::on_parked(Message message) {
    const auto body = body_of(message);
    json::error_code error;
    const auto document = json::parse(json::string_view(body.data(), body.size()), error);
    if (error || !document.is_object() || link_ == nullptr) {
        return;
    }
    const auto sequence =
        static_cast<std::uint64_t>(number_at(document.get_object(), "stream_seq"));
    const auto deliveries =
        static_cast<std::uint64_t>(number_at(document.get_object(), "deliveries"));
    site().clerk.post([self = self(), link = link_, sequence, deliveries] {
        auto stored = read_stored(*link, self->settings().stream, sequence);
        if (stored) {
            self->site().loop.post([self, deliveries, stored = std::move(*stored)]() mutable {
                self->bury_stored(stored, deliveries);
            });
        }
    });
}

void PullSource::bury_stored(const Stored& stored, std::uint64_t deliveries) {
    const auto coordinates = settings().stream + "@" + std::to_string(stored.sequence) + "-" +
                             std::to_string(stored.time);
    const auto reason = "the server gave it up after " + std::to_string(deliveries) + " deliveries";
    const Death death{order().name, reason,     stored.subject,
                      coordinates,  deliveries, site().env.now()};
    auto draft = make_dead_letter(settings().dead_letters, death,
                                  parse_headers(stored.header_block), stored.body);
    site().publisher.publish(
        std::move(draft), [self = self(), sequence = stored.sequence](const auto& result) {
            if (result.status != sdk::Status::ok) {
                self->site().env.log(sdk::Level::error, "dead letter not written",
                                     {{"source", self->order().name}, {"error", result.message}});
            } else if (!self->standing_.keeps_acknowledged && self->link_ != nullptr) {
                self->site().clerk.post([self, link = self->link_, sequence] {
                    delete_stored(*link, self->settings().stream, sequence);
                });
            }
        });
}

}  // namespace belfry::nats
