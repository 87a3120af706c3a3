#include "tests/unit/broker_kafka/admin.hpp"

#include "plugins/broker/kafka/handles.hpp"

#include <belfry/testkit/host.hpp>

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

namespace belfry::test {

using namespace kafka;  // NOLINT(google-build-using-namespace): the smart pointers

namespace {

constexpr int kAdminPatience = 20'000;  // ms

std::string first_line(const std::string& path) {
    std::string line;
    std::ifstream file(path);
    std::getline(file, line);
    return line;
}

HandlePtr connect(const std::string& brokers, const std::string& group) {
    ConfPtr conf(rd_kafka_conf_new());
    std::array<char, 256> error{};
    for (const auto& [name, value] :
         {std::pair<const char*, std::string>{"bootstrap.servers", brokers},
          {"group.id", group},
          {"enable.partition.eof", "true"},
          {"enable.auto.commit", "false"}}) {
        (void)rd_kafka_conf_set(conf.get(), name, value.c_str(), error.data(), error.size());
    }
    HandlePtr handle(rd_kafka_new(RD_KAFKA_CONSUMER, conf.release(), error.data(), error.size()));
    (void)rd_kafka_poll_set_consumer(handle.get());
    return handle;
}

void expect_done(rd_kafka_resp_err_t code, const std::string& what) {
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        throw testkit::Failed(what + ": " + rd_kafka_err2str(code));
    }
}

}  // namespace

KafkaServer::KafkaServer(std::string dir) : dir_(std::move(dir)) {
    brokers_ = first_line(dir_ + "/brokers");
    sasl_brokers_ = first_line(dir_ + "/sasl_brokers");
}

KafkaServer KafkaServer::shared() {
    const char* dir = std::getenv("BELFRY_KAFKA_DIR");  // NOLINT(concurrency-mt-unsafe)
    return KafkaServer(dir == nullptr ? "" : dir);
}

KafkaServer KafkaServer::own() {
    std::string dir = (std::filesystem::temp_directory_path() / "belfry-kafka-XXXXXX").string();
    if (::mkdtemp(dir.data()) == nullptr) {
        throw testkit::Failed("no folder for a server");
    }
    run("start --until " + std::to_string(::getpid()), dir);
    return KafkaServer(dir);
}

void KafkaServer::run(const std::string& command, const std::string& arguments) {
    const std::string line =
        std::string(BELFRY_TEST_KAFKA " ") + command + " '" + arguments + "' </dev/null";
    if (std::system(line.c_str()) != 0) {  // NOLINT(concurrency-mt-unsafe)
        throw testkit::Failed(line + " failed");
    }
}

void KafkaAdmin::create(const std::string& topic, int partitions) const {
    const auto handle = connect(brokers_, "admin");
    std::array<char, 256> error{};
    const NewTopicPtr made(
        rd_kafka_NewTopic_new(topic.c_str(), partitions, 1, error.data(), error.size()));
    const QueuePtr queue(rd_kafka_queue_new(handle.get()));
    auto* wanted = made.get();
    rd_kafka_CreateTopics(handle.get(), &wanted, 1, nullptr, queue.get());
    const EventPtr event(rd_kafka_queue_poll(queue.get(), kAdminPatience));
    std::size_t count = 0;
    const auto* const* results = rd_kafka_CreateTopics_result_topics(
        rd_kafka_event_CreateTopics_result(event.get()), &count);
    expect_done(rd_kafka_topic_result_error(results[0]), "create " + topic);
    testkit::eventually("topic " + topic, [&] { return has(topic); });
}

void KafkaAdmin::remove(const std::string& topic) const {
    const auto handle = connect(brokers_, "admin");
    auto* doomed = rd_kafka_DeleteTopic_new(topic.c_str());
    const QueuePtr queue(rd_kafka_queue_new(handle.get()));
    rd_kafka_DeleteTopics(handle.get(), &doomed, 1, nullptr, queue.get());
    const EventPtr event(rd_kafka_queue_poll(queue.get(), kAdminPatience));
    rd_kafka_DeleteTopic_destroy(doomed);
    expect_done(rd_kafka_event_error(event.get()), "delete " + topic);
    testkit::eventually(topic + " is gone", [&] { return !has(topic); });
}

bool KafkaAdmin::has(const std::string& topic) const {
    const auto handle = connect(brokers_, "admin");
    const TopicPtr known(rd_kafka_topic_new(handle.get(), topic.c_str(), nullptr));
    const rd_kafka_metadata_t* found = nullptr;
    const auto code = rd_kafka_metadata(handle.get(), 0, known.get(), &found, kAdminPatience);
    const MetadataPtr metadata(found);
    return code == RD_KAFKA_RESP_ERR_NO_ERROR &&
           metadata->topics[0].err == RD_KAFKA_RESP_ERR_NO_ERROR;
}

std::int64_t KafkaAdmin::committed(const std::string& group, const std::string& topic,
                                   int partition) const {
    const auto handle = connect(brokers_, group);
    const auto list = make_partitions();
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition);
    expect_done(rd_kafka_committed(handle.get(), list.get(), kAdminPatience), "committed");
    return list->elems[0].offset < 0 ? -1 : list->elems[0].offset;
}

std::vector<std::string> KafkaAdmin::bodies(const std::string& topic) const {
    const auto handle = connect(brokers_, "admin");
    const auto list = make_partitions();
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), 0)->offset =
        RD_KAFKA_OFFSET_BEGINNING;
    expect_done(rd_kafka_assign(handle.get(), list.get()), "read " + topic);
    std::vector<std::string> bodies;
    while (true) {
        const RecordPtr record(rd_kafka_consumer_poll(handle.get(), kAdminPatience));
        if (!record || record->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            return bodies;
        }
        bodies.emplace_back(static_cast<const char*>(record->payload), record->len);
    }
}

}  // namespace belfry::test
