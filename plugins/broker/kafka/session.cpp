#include "plugins/broker/kafka/session.hpp"

#include "plugins/broker/kafka/letters.hpp"
#include "plugins/broker/kafka/topics.hpp"

#include <belfry/types.hpp>

#include <chrono>
#include <memory>
#include <thread>

namespace belfry::kafka {
namespace {

constexpr int kMostReadAtOnce = 500;

}  // namespace

// Session members are told by the opaque of their configuration, which is a Troubles.
Session::Session(Shared& shared, const SourceSettings& settings, Settle settle,
                 std::set<std::string> made_again)
    : shared_(shared), settings_(settings), settle_(std::move(settle)),
      made_again_(std::move(made_again)) {
    auto conf = make_conf(shared.settings,
                          {{"session.timeout.ms", "10000"},
                           {"heartbeat.interval.ms", "1000"},
                           {"queued.max.messages.kbytes", "16384"},
                           {"queued.min.messages", "2000"},
                           {"fetch.error.backoff.ms", "200"}},
                          {{"group.id", settings.group},
                           {"partition.assignment.strategy", "cooperative-sticky"},
                           {"enable.auto.commit", "false"},
                           {"enable.auto.offset.store", "false"},
                           {"isolation.level", "read_committed"},
                           {"auto.offset.reset", "earliest"}});
    rd_kafka_conf_set_rebalance_cb(conf.get(), &Session::on_rebalance);
    rd_kafka_conf_set_offset_commit_cb(conf.get(), &Session::on_commit);
    handle_ = make_handle(RD_KAFKA_CONSUMER, std::move(conf), *this);
    (void)rd_kafka_poll_set_consumer(handle_.get());
    queue_.reset(rd_kafka_queue_get_consumer(handle_.get()));
    subscribe();
}

Session::~Session() { close(false); }

void Session::subscribe() {
    const auto wanted = make_partitions();
    for (const auto& topic : settings_.topics) {
        rd_kafka_topic_partition_list_add(wanted.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
    }
    rd_kafka_topic_partition_list_add(wanted.get(), settings_.retry_topic().c_str(),
                                      RD_KAFKA_PARTITION_UA);
    if (const auto code = rd_kafka_subscribe(handle_.get(), wanted.get())) {
        throw sdk::Failure(sdk::Status::unavailable,
                           "group " + settings_.group + ": " + text_of(code));
    }
}

void Session::yield() {
    const std::lock_guard lock(queue_mutex_);
    if (queue_) {
        rd_kafka_queue_yield(queue_.get());
    }
}

void Session::poll(int wait_ms) {
    if (!handle_) {
        std::this_thread::sleep_for(std::chrono::milliseconds(wait_ms));
        return;
    }
    for (int count = 0; count < kMostReadAtOnce; ++count) {
        const RecordPtr record(rd_kafka_consumer_poll(handle_.get(), count == 0 ? wait_ms : 0));
        if (!record) {
            return;
        }
        if (record->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            take_in(*record);
        } else {
            take_error(*record);
        }
        if (backlog_.is_full()) {
            return;
        }
    }
}

void Session::take_in(const rd_kafka_message_t& record) {
    auto incoming = std::make_unique<Incoming>(Incoming{
        Message(record), {rd_kafka_topic_name(record.rkt), record.partition}, record.offset});
    const auto found = partitions_.find(incoming->place);
    if (found == partitions_.end()) {
        return;
    }
    if (found->second.next() > record.offset) {
        // The topic was deleted and made again: what was read of the former one is void.
        const Place place = incoming->place;
        forget([&](const Place& other) { return other == place; });
        partitions_[place] = Tracker();
    }
    partitions_[incoming->place].began(record.offset);
    if (incoming->place.first != settings_.retry_topic()) {
        backlog_.add(std::move(incoming));
        return;
    }
    std::int64_t due = 0;
    restore_retry(incoming->message, due);
    backlog_.hold(due, std::move(incoming));
}

void Session::take_error(const rd_kafka_message_t& record) {
    if (rd_kafka_fatal_error(handle_.get(), nullptr, 0) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        is_broken_ = true;
    }
    if (is_unknown_topic(record.err)) {
        misses_topic_ = true;
        return;
    }
    if (record.err == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED ||
        record.err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) {
        reason_ = rd_kafka_message_errstr(&record);
    }
}

void Session::trouble(rd_kafka_resp_err_t code, const std::string& text) {
    if (code == RD_KAFKA_RESP_ERR__FATAL) {
        is_broken_ = true;
    }
    shared_.watch.trouble(code, text);
}

// Pausing throws away what the library has read ahead, so it must not come with every message.
void Session::adjust(bool is_wanted) {
    const auto decide = [&](bool is_paused, bool is_full, bool is_low) {
        return !is_wanted || is_full || (is_paused && !is_low);
    };
    const bool pauses_fresh = decide(is_fresh_paused_, backlog_.is_full(), backlog_.is_low());
    const bool pauses_retry = decide(is_retry_paused_, backlog_.is_full() || backlog_.holds_much(),
                                     backlog_.is_low() && backlog_.holds_little());
    if (pauses_fresh != is_fresh_paused_) {
        is_fresh_paused_ = pauses_fresh;
        set_paused(false, pauses_fresh);
    }
    if (pauses_retry != is_retry_paused_) {
        is_retry_paused_ = pauses_retry;
        set_paused(true, pauses_retry);
    }
}

void Session::set_paused(bool is_retry, bool is_paused) {
    const auto list = make_partitions();
    for (const auto& [place, tracker] : partitions_) {
        if ((place.first == settings_.retry_topic()) == is_retry) {
            rd_kafka_topic_partition_list_add(list.get(), place.first.c_str(), place.second);
        }
    }
    if (list->cnt == 0) {
        return;
    }
    (void)(is_paused ? rd_kafka_pause_partitions(handle_.get(), list.get())
                     : rd_kafka_resume_partitions(handle_.get(), list.get()));
}

std::pair<std::uint64_t, const Incoming*> Session::take() {
    auto incoming = backlog_.take(shared_.env.now());
    if (!incoming) {
        return {0, nullptr};
    }
    const auto token = shared_.next_token();
    const auto* borrowed = incoming.get();
    in_flight_.emplace(token, std::move(incoming));
    return {token, borrowed};
}

IncomingPtr Session::land(std::uint64_t token) {
    auto found = in_flight_.extract(token);
    return found.empty() ? nullptr : std::move(found.mapped());
}

void Session::done(const Incoming& incoming) {
    if (const auto found = partitions_.find(incoming.place); found != partitions_.end()) {
        (void)found->second.done(incoming.offset);
    }
}

void Session::hand_back(std::int64_t due, IncomingPtr incoming) {
    if (partitions_.contains(incoming->place)) {
        backlog_.hold(due, std::move(incoming));
    }
}

void Session::forsake(const std::string& topic) {
    const auto is_gone = [&](const Place& place) { return place.first == topic; };
    forget(is_gone);
    std::erase_if(partitions_, [&](const auto& one) { return is_gone(one.first); });
}

void Session::close(bool says_so) {
    if (!handle_) {
        return;
    }
    is_closing_ = true;
    if (says_so) {
        commit(true);
        (void)rd_kafka_consumer_close(handle_.get());
    }
    in_flight_.clear();
    backlog_ = {};
    partitions_.clear();
    {
        const std::lock_guard lock(queue_mutex_);
        queue_.reset();
    }
    is_broken_ = true;
    rd_kafka_destroy_flags(handle_.release(), RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

std::vector<std::pair<Place, std::int64_t>> Session::positions() const {
    std::vector<std::pair<Place, std::int64_t>> all;
    all.reserve(partitions_.size());
    for (const auto& [place, tracker] : partitions_) {
        all.emplace_back(place, tracker.next());
    }
    return all;
}

}  // namespace belfry::kafka
