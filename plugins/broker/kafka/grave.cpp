#include "plugins/broker/kafka/grave.hpp"

#include "plugins/broker/kafka/letters.hpp"
#include "plugins/broker/kafka/times.hpp"
#include "plugins/broker/kafka/topics.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <span>

namespace belfry::kafka {
namespace {

constexpr int kGravePatience = 10'000;  // ms
constexpr std::int64_t kReadPatience = 10'000'000'000;
constexpr int kReadWait = 200;  // ms
constexpr std::size_t kMostReplayedAtOnce = 1'000;

void expect_answer(rd_kafka_resp_err_t code, const std::string& what) {
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        throw sdk::Failure(sdk::Status::unavailable, what + ": " + text_of(code));
    }
}

std::span<rd_kafka_topic_partition_t> each_of(const PartitionsPtr& list) {
    return {list->elems, static_cast<std::size_t>(list->cnt)};
}

/// What became of letters that are written at once; outlives who waits for it.
class Confirmations {
public:
    void set(std::size_t index, const Verdict& verdict) {
        const std::lock_guard lock(mutex_);
        verdicts_[index] = verdict;
        changed_.notify_one();
    }
    /// -> how many of the first are confirmed. Throws where not even the first is.
    std::size_t wait(std::size_t count) {
        std::unique_lock lock(mutex_);
        (void)changed_.wait_for(lock, std::chrono::milliseconds(4L * kGravePatience),
                                [&] { return verdicts_.size() == count; });
        std::size_t confirmed = 0;
        while (confirmed < count && verdicts_.contains(confirmed) &&
               verdicts_[confirmed].status == sdk::Status::ok) {
            ++confirmed;
        }
        if (confirmed == 0 && verdicts_.contains(0)) {
            throw sdk::Failure(verdicts_[0].status, verdicts_[0].message, verdicts_[0].retry_after);
        }
        return confirmed;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::size_t, Verdict> verdicts_;
};

}  // namespace

/// The topic, from where it is not replayed to its end.
class Grave::Reading {
public:
    Reading(rd_kafka_t* handle, const PartitionsPtr& starts) : handle_(handle) {
        for (const auto& one : each_of(starts)) {
            left_.insert(one.partition);
        }
        expect_answer(rd_kafka_assign(handle, starts.get()), "dead letters");
    }
    ~Reading() { (void)rd_kafka_assign(handle_, nullptr); }
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;

    [[nodiscard]] bool has_more() const { return !left_.empty(); }
    /// Enough of this partition.
    void leave(std::int32_t partition) { left_.erase(partition); }
    /// Null where nothing came, or it is of no use.
    RecordPtr next() {
        RecordPtr record(rd_kafka_consumer_poll(handle_, kReadWait));
        if (!record) {
            return nullptr;
        }
        if (record->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            leave(record->partition);
            return nullptr;
        }
        const bool is_wanted =
            record->err == RD_KAFKA_RESP_ERR_NO_ERROR && left_.contains(record->partition);
        return is_wanted ? std::move(record) : nullptr;
    }

private:
    rd_kafka_t* handle_;
    std::set<std::int32_t> left_;  ///< partitions that have not come to their end
};

rd_kafka_t* Grave::handle() {
    if (!handle_) {
        handle_ = make_handle(RD_KAFKA_CONSUMER,
                              make_conf(shared_.settings,
                                        {{"fetch.wait.max.ms", "50"},
                                         {"queued.max.messages.kbytes", "16384"},
                                         {"queued.min.messages", "1000"}},
                                        {{"group.id", settings_.replay_group()},
                                         {"enable.auto.commit", "false"},
                                         {"enable.auto.offset.store", "false"},
                                         {"enable.partition.eof", "true"},
                                         {"isolation.level", "read_committed"},
                                         {"auto.offset.reset", "earliest"}}),
                              shared_.watch);
        (void)rd_kafka_poll_set_consumer(handle_.get());
    }
    return handle_.get();
}

PartitionsPtr Grave::starts() {
    const auto count = count_partitions(shared_.watch.handle(), settings_.dead_letters);
    auto list = make_partitions();
    if (count == 0) {
        return list;
    }
    rd_kafka_topic_partition_list_add_range(list.get(), settings_.dead_letters.c_str(), 0,
                                            count - 1);
    expect_answer(rd_kafka_committed(handle(), list.get(), kGravePatience),
                  "group " + settings_.replay_group());
    for (auto& one : each_of(list)) {
        expect_answer(one.err, "group " + settings_.replay_group());
        const auto low =
            extent_of(shared_.watch.handle(), settings_.dead_letters, one.partition).low;
        one.offset = std::max(one.offset, low);
    }
    return list;
}

std::uint64_t Grave::count() {
    std::int64_t sum = 0;
    const auto from = starts();
    for (const auto& one : each_of(from)) {
        const auto high =
            extent_of(shared_.watch.handle(), settings_.dead_letters, one.partition).high;
        sum += std::max<std::int64_t>(high - one.offset, 0);
    }
    return static_cast<std::uint64_t>(sum);
}

Grave::Letter Grave::letter_of(const rd_kafka_message_t& record) const {
    Letter letter{Message(record), record.partition, record.offset, 0};
    letter.died = parse_rfc3339(letter.message.header(BF_HEADER_DEAD_AT));
    if (letter.died == 0) {
        letter.died = letter.message.time;
    }
    return letter;
}

// Each partition has its own in the order of their deaths; together they are merged.
std::vector<Grave::Letter> Grave::read(std::uint64_t limit) {
    const auto from = starts();
    std::vector<Letter> letters;
    if (from->cnt == 0 || limit == 0) {
        return letters;
    }
    std::map<std::int32_t, std::uint64_t> counts;
    const auto until = shared_.env.monotonic() + kReadPatience;
    Reading reading(handle(), from);
    while (reading.has_more()) {
        if (shared_.env.monotonic() > until || shared_.clerk.is_over()) {
            throw sdk::Failure(sdk::Status::unavailable,
                               "topic " + settings_.dead_letters + ": could not be read in time");
        }
        const auto record = reading.next();
        if (!record) {
            continue;
        }
        auto letter = letter_of(*record);
        if (letter.message.header(BF_HEADER_SOURCE) != source_) {
            continue;
        }
        letters.push_back(std::move(letter));
        if (++counts[record->partition] == limit) {
            reading.leave(record->partition);
        }
    }
    std::ranges::stable_sort(letters, {}, [](const Letter& letter) { return letter.died; });
    letters.resize(std::min<std::size_t>(letters.size(), limit));
    return letters;
}

std::vector<Message> Grave::list(std::uint64_t limit) {
    std::vector<Message> messages;
    for (auto& letter : read(limit)) {
        restore_dead(letter.message);
        messages.push_back(std::move(letter.message));
    }
    return messages;
}

std::uint64_t Grave::replay(std::uint64_t limit, std::int64_t before) {
    std::uint64_t sum = 0;
    while (sum < limit) {
        const auto step = std::min<std::uint64_t>(limit - sum, kMostReplayedAtOnce);
        auto letters = read(step);
        const bool is_last = letters.size() < step;
        const auto later = std::ranges::find_if(
            letters, [&](const Letter& letter) { return letter.died >= before; });
        const bool is_end = later != letters.end();
        letters.erase(later, letters.end());
        if (letters.empty()) {
            break;
        }
        const auto count = write(letters);
        commit(letters, count);
        sum += count;
        if (is_last || is_end || count < letters.size()) {
            break;
        }
    }
    return sum;
}

std::size_t Grave::write(const std::vector<Letter>& letters) {
    const auto confirmations = std::make_shared<Confirmations>();
    for (std::size_t i = 0; i < letters.size(); ++i) {
        auto revived = revived_letter(letters[i].message);
        revived.time = shared_.env.now();
        shared_.producer.produce(
            settings_.retry_topic(), revived,
            [confirmations, i](const Verdict& verdict) { confirmations->set(i, verdict); });
    }
    return confirmations->wait(letters.size());
}

void Grave::commit(const std::vector<Letter>& letters, std::size_t count) {
    std::map<std::int32_t, std::int64_t> next;
    for (const auto& letter : std::span(letters).first(count)) {
        next[letter.partition] = std::max(next[letter.partition], letter.offset + 1);
    }
    const auto list = make_partitions();
    for (const auto& [partition, offset] : next) {
        rd_kafka_topic_partition_list_add(list.get(), settings_.dead_letters.c_str(), partition)
            ->offset = offset;
    }
    if (list->cnt > 0) {
        expect_answer(rd_kafka_commit(handle(), list.get(), 0),
                      "group " + settings_.replay_group());
    }
}

}  // namespace belfry::kafka
