#include "plugins/broker/kafka/producer.hpp"

#include "plugins/broker/kafka/times.hpp"
#include "plugins/broker/kafka/topics.hpp"

#include <array>
#include <utility>

namespace belfry::kafka {
namespace {

constexpr std::int64_t kRetryAfter = 500 * kMilli;
constexpr int kReportWait = 50;    // ms
constexpr int kPurgeWait = 1'000;  // ms

sdk::Status status_of(rd_kafka_resp_err_t code) {
    switch (code) {
        case RD_KAFKA_RESP_ERR_NO_ERROR: return sdk::Status::ok;
        case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
        case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
        case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION: return sdk::Status::not_found;
        case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
        case RD_KAFKA_RESP_ERR_INVALID_RECORD:
        case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION: return sdk::Status::invalid;
        case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
        case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED: return sdk::Status::refused;
        default: return sdk::Status::retry;
    }
}

Verdict verdict_of(rd_kafka_resp_err_t code, const std::string& topic) {
    const auto status = status_of(code);
    if (status == sdk::Status::ok) {
        return {};
    }
    return {status, "topic " + topic + ": " + text_of(code),
            status == sdk::Status::retry ? kRetryAfter : 0};
}

/// What the library takes over.
struct Cargo {
    rd_kafka_headers_t* headers;
    void* opaque;
};

/// Null where the library took it.
rd_kafka_error_t* send(rd_kafka_t* handle, const std::string& topic, const Message& message,
                       Cargo cargo) {
    std::array<rd_kafka_vu_t, 7> values{};
    values[0].vtype = RD_KAFKA_VTYPE_TOPIC;
    values[0].u.cstr = topic.c_str();
    values[1].vtype = RD_KAFKA_VTYPE_VALUE;
    values[1].u.mem = {const_cast<char*>(message.body.data()), message.body.size()};
    values[2].vtype = RD_KAFKA_VTYPE_KEY;
    if (!message.key.empty()) {
        values[2].u.mem = {const_cast<char*>(message.key.data()), message.key.size()};
    }
    values[3].vtype = RD_KAFKA_VTYPE_HEADERS;
    values[3].u.headers = cargo.headers;
    values[4].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
    values[4].u.i64 = message.time / kMilli;
    values[5].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
    values[5].u.i = RD_KAFKA_MSG_F_COPY;
    values[6].vtype = RD_KAFKA_VTYPE_OPAQUE;
    values[6].u.ptr = cargo.opaque;
    return rd_kafka_produceva(handle, values.data(), values.size());
}

}  // namespace

HandlePtr make_confirming(const Settings& settings, Troubles& troubles) {
    auto conf = make_conf(settings,
                          {{"linger.ms", "2"},
                           {"message.timeout.ms", "30000"},
                           {"queue.buffering.max.messages", "200000"},
                           {"partitioner", "murmur2_random"}},
                          {{"enable.idempotence", "true"}, {"acks", "all"}});
    rd_kafka_conf_set_dr_msg_cb(conf.get(), &Producer::on_report);
    return make_handle(RD_KAFKA_PRODUCER, std::move(conf), troubles);
}

HandlePtr make_hasty(const Settings& settings, Troubles& troubles) {
    auto conf = make_conf(settings,
                          {{"linger.ms", "1"},
                           {"message.timeout.ms", "5000"},
                           {"queue.buffering.max.messages", "10000"}},
                          {{"acks", "1"}, {"retries", "0"}});
    rd_kafka_conf_set_dr_msg_cb(conf.get(), &Producer::on_report);
    return make_handle(RD_KAFKA_PRODUCER, std::move(conf), troubles);
}

void Producer::start() {
    thread_ = std::thread([this] {
        while (!is_over_) {
            (void)rd_kafka_poll(handle_.get(), kReportWait);
        }
    });
}

void Producer::stop(int patience_ms) {
    if (!handle_) {
        return;
    }
    // The thread goes on serving meanwhile.
    (void)rd_kafka_flush(handle_.get(), patience_ms);
    is_over_ = true;
    if (thread_.joinable()) {
        thread_.join();
    }
    (void)rd_kafka_purge(handle_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    (void)rd_kafka_flush(handle_.get(), kPurgeWait);
    handle_.reset();
}

void Producer::produce(const std::string& topic, const Message& message, Then then) {
    const auto bytes = message.bytes();
    auto letter = std::make_unique<Letter>(Letter{this, bytes, std::move(then)});
    HeadersPtr headers = message.wire_headers();
    ++unconfirmed_;
    bytes_ += bytes;
    // The library takes letter and headers where it takes the message, and copies the rest.
    const ErrorPtr error(send(handle_.get(), topic, message, {headers.get(), letter.get()}));
    if (!error) {
        (void)headers.release();  // NOLINT(bugprone-unused-return-value)
        (void)letter.release();   // NOLINT(bugprone-unused-return-value)
        return;
    }
    finish(std::move(letter), verdict_of(rd_kafka_error_code(error.get()), topic));
}

void Producer::on_report(rd_kafka_t* /*handle*/, const rd_kafka_message_t* report,
                         void* /*opaque*/) {
    // NOLINTNEXTLINE(bugprone-casting-through-void): it was a letter when it was given
    std::unique_ptr<Letter> letter(static_cast<Letter*>(report->_private));
    auto& producer = *letter->producer;
    producer.finish(std::move(letter), verdict_of(report->err, rd_kafka_topic_name(report->rkt)));
}

void Producer::finish(std::unique_ptr<Letter> letter, const Verdict& verdict) {
    bytes_ -= letter->bytes;
    --unconfirmed_;
    letter->then(verdict);
}

}  // namespace belfry::kafka
