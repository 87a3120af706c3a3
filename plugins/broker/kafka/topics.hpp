/// Looking at topics and making them.
#pragma once

#include "plugins/broker/kafka/handles.hpp"
#include "plugins/broker/kafka/settings.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace belfry::kafka {

struct NewTopic {
    std::string name;
    std::int32_t partitions = 1;
    std::int32_t replication = 0;  ///< 0: the cluster's
    std::int64_t retention = 0;    ///< ns; 0: the cluster's, negative: for ever
};

/// How many partitions it has; 0 where it is not there, which this does not change. Waits for the
/// broker. Throws sdk::Failure: unavailable, or refused.
[[nodiscard]] std::int32_t count_partitions(rd_kafka_t* handle, const std::string& topic);

/// That it is there is fine, too. Waits for the broker. Throws sdk::Failure naming the topic.
void create_topic(rd_kafka_t* handle, const NewTopic& topic);

/// All that the source reads and writes.
[[nodiscard]] std::vector<NewTopic> topics_of(const SourceSettings& settings);

/// The offset behind the last message that a consumer may see; throws sdk::Failure (unavailable).
/// `low`: the first one that is there.
struct Extent {
    std::int64_t low = 0;
    std::int64_t high = 0;
};
[[nodiscard]] Extent extent_of(rd_kafka_t* handle, const std::string& topic,
                               std::int32_t partition);

/// What the library calls this error.
[[nodiscard]] std::string text_of(rd_kafka_resp_err_t code);
[[nodiscard]] bool is_unknown_topic(rd_kafka_resp_err_t code);

}  // namespace belfry::kafka
