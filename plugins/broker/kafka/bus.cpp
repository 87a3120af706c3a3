#include "plugins/broker/kafka/bus.hpp"

#include "plugins/broker/kafka/topics.hpp"

#include <chrono>
#include <utility>

namespace belfry::kafka {
namespace {

constexpr std::int32_t kTopicPartitions = 4;
constexpr std::int64_t kRetention = 60'000'000'000;
constexpr std::int64_t kAttachInterval = 1'000'000'000;
constexpr int kHearWait = 50;  // ms
constexpr std::size_t kKeySize = 4;

std::string key_of(std::uint32_t partition) {
    std::string key;
    for (int shift = 24; shift >= 0; shift -= 8) {
        key += static_cast<char>((partition >> static_cast<unsigned>(shift)) & 0xFFU);
    }
    return key;
}

std::uint32_t partition_of(const rd_kafka_message_t& record) {
    const std::span key(static_cast<const std::uint8_t*>(record.key), kKeySize);
    std::uint32_t partition = 0;
    for (const auto byte : key) {
        partition = partition << 8U | byte;
    }
    return partition;
}

}  // namespace

/// All partitions of the topic, read by a handle of its own.
class Bus::Ear {
public:
    Ear(Shared& shared, const std::string& topic)
        : handle_(make_handle(
              RD_KAFKA_CONSUMER,
              make_conf(shared.settings,
                        {{"queued.max.messages.kbytes", "16384"}, {"queued.min.messages", "2000"}},
                        {{"auto.offset.reset", "latest"}}),
              shared.watch)),
          topic_(rd_kafka_topic_new(handle_.get(), topic.c_str(), nullptr)),
          queue_(rd_kafka_queue_new(handle_.get())),
          count_(count_partitions(shared.watch.handle(), topic)) {
        for (std::int32_t partition = 0; partition < count_; ++partition) {
            const auto end = extent_of(shared.watch.handle(), topic, partition).high;
            (void)rd_kafka_consume_start_queue(topic_.get(), partition, end, queue_.get());
        }
    }
    ~Ear() {
        for (std::int32_t partition = 0; partition < count_; ++partition) {
            (void)rd_kafka_consume_stop(topic_.get(), partition);
        }
    }
    Ear(const Ear&) = delete;
    Ear& operator=(const Ear&) = delete;

    RecordPtr next() {
        (void)rd_kafka_poll(handle_.get(), 0);
        return RecordPtr(rd_kafka_consume_queue(queue_.get(), kHearWait));
    }

private:
    HandlePtr handle_;
    TopicPtr topic_;
    QueuePtr queue_;
    std::int32_t count_;
};

Bus::Bus(Shared& shared)
    : shared_(shared), topic_(shared.settings.bus_topic()),
      lost_(shared.env.counter("kafka_bus_lost_total", "Bus messages that could not be sent")) {}

Bus::~Bus() { stop(); }

void Bus::listen(std::span<const std::uint32_t> partitions, sdk::Listener listener,
                 sdk::Done<> done) {
    std::unique_lock lock(mutex_);
    if (is_over_) {
        lock.unlock();
        done.fail(sdk::Status::closed, "the broker is being stopped");
        return;
    }
    auto& wanted = wanted_ ? *wanted_ : wanted_.emplace();
    wanted.partitions = {partitions.begin(), partitions.end()};
    wanted.listener = listener;
    wanted.done.push_back(std::move(done));
    if (!thread_.joinable()) {
        start();
    }
}

void Bus::start() {
    producer_ = std::make_unique<Producer>(make_hasty(shared_.settings, shared_.watch));
    producer_->start();
    thread_ = std::thread([this] { run(); });
}

void Bus::broadcast(std::uint32_t partition, sdk::Bytes message) {
    Message letter;
    letter.key = key_of(partition);
    letter.body = sdk::text_of(sdk::bytes_of(message));
    const std::lock_guard lock(mutex_);
    if (producer_ == nullptr || is_over_ || !shared_.standing.is_up()) {
        lost_.add();
        return;
    }
    producer_->produce(topic_, letter, [lost = lost_](const Verdict& verdict) {
        if (verdict.status != sdk::Status::ok) {
            lost.add();
        }
    });
}

void Bus::stop() {
    {
        const std::lock_guard lock(mutex_);
        is_over_ = true;
    }
    if (thread_.joinable()) {
        thread_.join();
    }
    if (producer_) {
        producer_->stop(0);
    }
}

void Bus::run() {
    const auto is_over = [this] {
        const std::lock_guard lock(mutex_);
        return is_over_;
    };
    while (!is_over()) {
        take_wanted();
        if (!ear_) {
            look_after();
            continue;
        }
        if (const auto record = ear_->next()) {
            hear(*record);
        }
    }
    ear_.reset();
    if (wanted_) {
        for (auto& done : wanted_->done) {
            done.fail(sdk::Status::closed, "the broker is being stopped");
        }
    }
}

void Bus::take_wanted() {
    std::optional<Wanted> wanted;
    {
        const std::lock_guard lock(mutex_);
        wanted = std::exchange(wanted_, std::nullopt);
    }
    if (!wanted) {
        return;
    }
    heard_.partitions = std::move(wanted->partitions);
    heard_.listener = wanted->listener;
    try {
        if (!ear_) {
            attach();
        }
    } catch (const sdk::Failure& failure) {
        heard_.partitions.clear();
        for (auto& done : wanted->done) {
            done.fail(failure);
        }
        return;
    }
    for (auto& done : wanted->done) {
        done.ok();
    }
}

void Bus::attach() {
    if (count_partitions(shared_.watch.handle(), topic_) == 0) {
        create_topic(shared_.watch.handle(), {topic_, kTopicPartitions, 0, kRetention});
    }
    ear_ = std::make_unique<Ear>(shared_, topic_);
}

/// The topic was deleted: it is made again.
void Bus::look_after() {
    std::this_thread::sleep_for(std::chrono::milliseconds(kHearWait));
    if (heard_.partitions.empty() || !shared_.standing.is_up() ||
        shared_.env.monotonic() < next_attach_) {
        return;
    }
    next_attach_ = shared_.env.monotonic() + kAttachInterval;
    try {
        attach();
    } catch (const sdk::Failure& failure) {
        shared_.env.log(sdk::Level::warning, "the bus could not be joined again",
                        {{"topic", topic_}, {"error", failure.what()}});
    }
}

void Bus::hear(const rd_kafka_message_t& record) {
    if (record.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        if (is_unknown_topic(record.err)) {
            next_attach_ = shared_.env.monotonic() + kAttachInterval;
            ear_.reset();
        }
        return;
    }
    if (record.key == nullptr || record.key_len != kKeySize) {
        return;
    }
    const auto partition = partition_of(record);
    if (heard_.partitions.contains(partition)) {
        heard_.listener.hear(heard_.listener.ctx, partition,
                             {static_cast<const std::uint8_t*>(record.payload), record.len});
    }
}

}  // namespace belfry::kafka
