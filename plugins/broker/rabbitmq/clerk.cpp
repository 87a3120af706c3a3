#include "plugins/broker/rabbitmq/clerk.hpp"

#include "plugins/broker/rabbitmq/names.hpp"
#include "plugins/broker/rabbitmq/outgoing.hpp"
#include "plugins/broker/rabbitmq/table.hpp"

#include <algorithm>
#include <future>
#include <list>
#include <utility>
#include <vector>

namespace belfry::rabbitmq {

namespace {

constexpr amqp_channel_t kChannel = 1;
constexpr std::uint64_t kMostAtOnce = 2'000;  // as a quorum queue allows

constexpr std::size_t kMostBytes = std::size_t{64} << 20U;
constexpr std::int64_t kPatience = 500'000'000;
constexpr int kMostWaits = 2;  ///< others may have taken what was there
constexpr std::string_view kConsumer = "belfry-dead-letters";
constexpr std::int64_t kBetweenLooks = 5'000'000;
constexpr int kMostLooks = 200;

/// The oldest that died before `before`, at most `limit`. A quorum queue puts what comes back to it
/// behind all others: all are taken as far as there is room, so that together they keep their
/// order.
std::vector<Content> take_oldest(DeadLetterQueue& queue, std::uint64_t limit, std::int64_t before) {
    std::vector<Content> letters;
    std::size_t bytes = 0;
    while (bytes < kMostBytes) {
        auto letter = queue.take();
        if (!letter) {
            break;
        }
        bytes += letter->message.bytes();
        letters.push_back(std::move(*letter));
    }
    std::ranges::stable_sort(letters, {}, [](const Content& one) { return died_at(one.message); });
    std::erase_if(letters, [&](const Content& one) { return died_at(one.message) >= before; });
    if (letters.size() > limit) {
        letters.erase(letters.begin() + static_cast<std::ptrdiff_t>(limit), letters.end());
    }
    return letters;
}

struct Replay {
    std::uint64_t tag = 0;
    std::future<Verdict> verdict;
};

std::future<Verdict> publish(Publisher& publisher, Message message) {
    std::promise<Verdict> promise;
    auto verdict = promise.get_future();
    publisher.publish(
        std::move(message),
        [promise = std::move(promise)](const Verdict& told) mutable { promise.set_value(told); },
        false);
    return verdict;
}

/// The number of those that are where they came from; why not, where there are others.
std::uint64_t replay_some(DeadLetterQueue& queue, const std::vector<Content>& letters,
                          Publisher& publisher, const SourceSettings& source, Verdict& failed) {
    std::vector<Replay> replays;
    for (const auto& letter : letters) {
        replays.push_back({letter.tag, publish(publisher, revived(letter.message, source))});
    }
    std::set<std::uint64_t> arrived;
    for (auto& replay : replays) {
        const Verdict verdict = replay.verdict.get();
        if (verdict.status == sdk::Status::ok) {
            arrived.insert(replay.tag);
        } else {
            failed = verdict;
        }
    }
    queue.settle(arrived);
    return arrived.size();
}

sdk::Replayed replay_all(const Shared& shared, Publisher& publisher, const SourceSettings& source,
                         std::uint64_t limit, std::int64_t before) {
    DeadLetterQueue queue(shared, source);
    Verdict failed;
    const auto letters = take_oldest(queue, std::min(limit, kMostAtOnce), before);
    const auto count = replay_some(queue, letters, publisher, source, failed);
    if (count == 0 && failed.status != sdk::Status::ok) {
        throw sdk::Failure(failed.status, failed.message, failed.retry_after);
    }
    return {count};
}

void complete_list(const Shared& shared, const SourceSettings& source, std::uint64_t limit,
                   sdk::Done<sdk::DeadLetters>& done) {
    std::vector<Content> letters;
    {
        DeadLetterQueue queue(shared, source);
        letters = take_oldest(queue, limit, INT64_MAX);
        queue.settle({});
    }
    std::list<WireMessage> owned;
    std::vector<bf_message> wire;
    std::list<std::string> destinations;
    for (auto& letter : letters) {
        Pool pool;
        const std::string headers = letter.message.headers;
        const auto table = decode(headers, pool);
        letter.message.exchange = text_at(table, kExchangeHeader);
        letter.message.routing_key = text_at(table, BF_HEADER_DESTINATION);
        wire.push_back(owned.emplace_back(letter.message).get());
        wire.back().attempt = number_at(table, BF_HEADER_ATTEMPTS);
        wire.back().coordinates =
            sdk::str(destinations.emplace_back(text_at(table, BF_HEADER_COORDINATES)));
    }
    done.ok({wire});
}

/// Runs `work`, and completes with what it throws.
template <class Value, class Work>
void attempt(const Shared& shared, bool is_running, sdk::Done<Value>& done, Work work) {
    if (!is_running) {
        done.fail(sdk::Status::closed, shared.place + ": is being stopped");
        return;
    }
    try {
        work();
    } catch (const Trouble& trouble) {
        done.fail(trouble.failure(shared.place + ": dead letters"));
    } catch (const sdk::Failure& failure) {
        done.fail(failure);
    } catch (const std::exception& error) {
        done.fail(sdk::Status::retry, error.what());
    }
}

}  // namespace

DeadLetterQueue::DeadLetterQueue(const Shared& shared, const SourceSettings& source)
    : queue_(source.dead_letters), connection_(shared.settings, "dead letters"),
      probe_(connection_) {
    connection_.open_channel(kChannel);
    left_ = std::min(probe_.find_queue(queue_), kMostAtOnce);
    amqp_basic_qos(connection_.get(), kChannel, 0, static_cast<std::uint16_t>(kMostAtOnce), 0);
    connection_.require(kChannel);
    // Not one by one: each basic.get would be a consumer of its own to a quorum queue.
    amqp_basic_consume(connection_.get(), kChannel, bytes_of(queue_), bytes_of(kConsumer), 0, 0, 0,
                       amqp_empty_table);
    connection_.require(kChannel);
}

DeadLetterQueue::~DeadLetterQueue() { connection_.say_goodbye(); }

std::optional<Content> DeadLetterQueue::take() {
    for (int waits = 0; left_ > 0 && waits < kMostWaits;) {
        const auto frame = connection_.next();
        if (!frame) {
            connection_.wait(wake_, kPatience);
            ++waits;
            continue;
        }
        if (!Assembler::is_part(*frame)) {
            throw Trouble(Trouble::Kind::lost, 0, "the queue " + queue_ + " was deleted");
        }
        if (auto content = assembler_.take(*frame)) {
            --left_;
            last_tag_ = content->tag;
            return content;
        }
    }
    return std::nullopt;
}

// In as few commands as possible: what a channel of RabbitMQ has not passed on to a quorum queue
// when it ends is lost.
void DeadLetterQueue::settle(const std::set<std::uint64_t>& acknowledged) {
    if (last_tag_ == 0) {
        return;
    }
    amqp_basic_cancel(connection_.get(), kChannel, bytes_of(kConsumer));
    connection_.require(kChannel);
    const std::uint64_t expected = probe_.find_queue(queue_) + last_tag_ - acknowledged.size();
    for (std::uint64_t tag = 1; tag <= last_tag_; ++tag) {
        const bool is_done = acknowledged.contains(tag);
        if (tag < last_tag_ && acknowledged.contains(tag + 1) == is_done) {
            continue;  // one of many that have the same fate
        }
        Connection::require_sent(is_done ? amqp_basic_ack(connection_.get(), kChannel, tag, 1)
                                         : amqp_basic_nack(connection_.get(), kChannel, tag, 1, 1));
    }
    // A quorum queue takes its time and has no word for the end of it.
    for (int looks = 0; looks < kMostLooks && probe_.find_queue(queue_) < expected; ++looks) {
        wake_.wait(-1, kBetweenLooks);
    }
}

Clerk::~Clerk() {
    stop();
    join();
}

void Clerk::list(const SourceSettings& source, std::uint64_t limit,
                 sdk::Done<sdk::DeadLetters> done) {
    add([this, source, limit, done = std::move(done)](bool is_running) mutable {
        attempt(shared_, is_running, done, [&] { complete_list(shared_, source, limit, done); });
    });
}

void Clerk::replay(const SourceSettings& source, std::uint64_t limit, std::int64_t before,
                   sdk::Done<sdk::Replayed> done) {
    add([this, source, limit, before, done = std::move(done)](bool is_running) mutable {
        attempt(shared_, is_running, done,
                [&] { done.ok(replay_all(shared_, shared_.publisher, source, limit, before)); });
    });
}

void Clerk::add(Job job) {
    {
        const std::lock_guard lock(mutex_);
        if (!is_stopped_) {
            jobs_.push_back(std::move(job));
            if (!thread_.joinable()) {
                thread_ = std::thread([this] { run(); });
            }
            changed_.notify_one();
            return;
        }
    }
    job(false);
}

void Clerk::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return is_stopped_ || !jobs_.empty(); });
        if (jobs_.empty()) {
            return;
        }
        auto job = std::move(jobs_.front());
        jobs_.pop_front();
        const bool is_running = !is_stopped_;
        lock.unlock();
        job(is_running);
        lock.lock();
    }
}

void Clerk::stop() {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
    changed_.notify_one();
}

void Clerk::join() {
    if (thread_.joinable()) {
        thread_.join();
    }
}

}  // namespace belfry::rabbitmq
