#include "plugins/broker/kafka/topics.hpp"

#include "plugins/broker/kafka/times.hpp"

#include <belfry/types.hpp>

#include <array>
#include <chrono>
#include <thread>

namespace belfry::kafka {
namespace {

constexpr int kTopicPatience = 10'000;  // ms
constexpr int kElectionAttempts = 30;
constexpr std::chrono::milliseconds kElectionWait{100};
constexpr std::int64_t kWeek = 7LL * 24 * 3600 * 1000 * kMilli;

[[noreturn]] void fail(const std::string& what, rd_kafka_resp_err_t code) {
    const bool is_refused = code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED ||
                            code == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED ||
                            code == RD_KAFKA_RESP_ERR__AUTHENTICATION;
    throw sdk::Failure(is_refused ? sdk::Status::refused : sdk::Status::unavailable,
                       what + ": " + text_of(code));
}

/// Nobody leads the partition yet: it was just made, or moves.
bool is_election(rd_kafka_resp_err_t code) {
    return code == RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION ||
           code == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE;
}

void wait_for_creation(rd_kafka_queue_t* queue, const NewTopic& topic) {
    const EventPtr event(rd_kafka_queue_poll(queue, 2 * kTopicPatience));
    if (!event) {
        fail("topic " + topic.name, RD_KAFKA_RESP_ERR__TIMED_OUT);
    }
    if (const auto code = rd_kafka_event_error(event.get())) {
        fail("topic " + topic.name, code);
    }
    std::size_t count = 0;
    const auto* const* results = rd_kafka_CreateTopics_result_topics(
        rd_kafka_event_CreateTopics_result(event.get()), &count);
    const auto code =
        count == 0 ? RD_KAFKA_RESP_ERR_NO_ERROR : rd_kafka_topic_result_error(results[0]);
    // Where the cluster chooses, it has too few brokers for the moment.
    const bool is_replication =
        code == RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR && topic.replication != 0;
    if (code == RD_KAFKA_RESP_ERR_INVALID_PARTITIONS || is_replication ||
        code == RD_KAFKA_RESP_ERR_INVALID_CONFIG || code == RD_KAFKA_RESP_ERR_POLICY_VIOLATION) {
        const char* text = rd_kafka_topic_result_error_string(results[0]);
        throw sdk::Failure(sdk::Status::invalid,
                           "topic " + topic.name + ": " + (text == nullptr ? "" : text));
    }
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR && code != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
        fail("topic " + topic.name, code);
    }
}

}  // namespace

std::int32_t count_partitions(rd_kafka_t* handle, const std::string& topic) {
    const TopicPtr known(rd_kafka_topic_new(handle, topic.c_str(), nullptr));
    const rd_kafka_metadata_t* found = nullptr;
    const auto code = rd_kafka_metadata(handle, 0, known.get(), &found, kTopicPatience);
    const MetadataPtr metadata(found);
    if (is_unknown_topic(code)) {
        return 0;
    }
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        fail("topic " + topic, code);
    }
    if (metadata->topic_cnt == 0 || is_unknown_topic(metadata->topics[0].err)) {
        return 0;
    }
    // A topic that is just being made has no leaders yet, and is there all the same.
    if (const auto error = metadata->topics[0].err;
        error != RD_KAFKA_RESP_ERR_NO_ERROR && error != RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE) {
        fail("topic " + topic, error);
    }
    return metadata->topics[0].partition_cnt;
}

void create_topic(rd_kafka_t* handle, const NewTopic& topic) {
    std::array<char, 512> error{};
    const NewTopicPtr made(rd_kafka_NewTopic_new(topic.name.c_str(), topic.partitions,
                                                 topic.replication == 0 ? -1 : topic.replication,
                                                 error.data(), error.size()));
    if (!made) {
        throw sdk::Failure(sdk::Status::invalid, "topic " + topic.name + ": " + error.data());
    }
    if (topic.retention != 0) {
        const auto milliseconds = topic.retention < 0 ? -1 : topic.retention / kMilli;
        (void)rd_kafka_NewTopic_set_config(made.get(), "retention.ms",
                                           std::to_string(milliseconds).c_str());
    }
    const QueuePtr queue(rd_kafka_queue_new(handle));
    const OptionsPtr options(rd_kafka_AdminOptions_new(handle, RD_KAFKA_ADMIN_OP_CREATETOPICS));
    (void)rd_kafka_AdminOptions_set_request_timeout(options.get(), kTopicPatience, error.data(),
                                                    error.size());
    (void)rd_kafka_AdminOptions_set_operation_timeout(options.get(), kTopicPatience, error.data(),
                                                      error.size());
    auto* wanted = made.get();
    rd_kafka_CreateTopics(handle, &wanted, 1, options.get(), queue.get());
    wait_for_creation(queue.get(), topic);
}

std::vector<NewTopic> topics_of(const SourceSettings& settings) {
    std::vector<NewTopic> all;
    for (const auto& name : settings.topics) {
        all.push_back({name, settings.partitions, settings.replication, settings.retention});
    }
    all.push_back({settings.retry_topic(), 1, settings.replication, kWeek});
    all.push_back({settings.dead_letters, 1, settings.replication, -1});
    return all;
}

Extent extent_of(rd_kafka_t* handle, const std::string& topic, std::int32_t partition) {
    Extent extent;
    for (int attempt = 1;; ++attempt) {
        const auto code = rd_kafka_query_watermark_offsets(
            handle, topic.c_str(), partition, &extent.low, &extent.high, kTopicPatience);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
            return extent;
        }
        if (!is_election(code) || attempt == kElectionAttempts) {
            fail("topic " + topic, code);
        }
        std::this_thread::sleep_for(kElectionWait);
    }
}

std::string text_of(rd_kafka_resp_err_t code) { return rd_kafka_err2str(code); }

bool is_unknown_topic(rd_kafka_resp_err_t code) {
    return code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
           code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC || code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION;
}

}  // namespace belfry::kafka
