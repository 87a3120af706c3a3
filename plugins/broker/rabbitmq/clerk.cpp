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
constexpr std::uint64_t kMostAtOnce = 256;
constexpr std::size_t kMostBytes = std::size_t{64} << 20U;
constexpr std::int64_t kPatience = 10'000'000'000;

/// The oldest, at most `limit` and not much more than kMostBytes.
std::list<Content> take_some(DeadLetterQueue& queue, std::uint64_t limit, std::int64_t before) {
    std::list<Content> letters;
    std::size_t bytes = 0;
    while (letters.size() < limit && bytes < kMostBytes) {
        auto letter = queue.take();
        if (!letter || died_at(letter->message) >= before) {
            break;
        }
        bytes += letter->message.bytes();
        letters.push_back(std::move(*letter));
    }
    return letters;
}

struct Replay {
    Content letter;
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
std::uint64_t replay_some(DeadLetterQueue& queue, std::list<Content> letters, Publisher& publisher,
                          const SourceSettings& source, Verdict& failed) {
    std::vector<Replay> replays;
    for (auto& letter : letters) {
        auto verdict = publish(publisher, revived(letter.message, source));
        replays.push_back({std::move(letter), std::move(verdict)});
    }
    std::uint64_t count = 0;
    for (auto& replay : replays) {
        const Verdict verdict = replay.verdict.get();
        if (verdict.status == sdk::Status::ok) {
            queue.acknowledge(replay.letter.tag);
            ++count;
        } else {
            failed = verdict;
        }
    }
    return count;
}

sdk::Replayed replay_all(const Shared& shared, Publisher& publisher, const SourceSettings& source,
                         std::uint64_t limit, std::int64_t before) {
    DeadLetterQueue queue(shared, source);
    sdk::Replayed replayed;
    Verdict failed;
    while (replayed.count < limit && failed.status == sdk::Status::ok) {
        auto letters = take_some(queue, std::min(limit - replayed.count, kMostAtOnce), before);
        if (letters.empty()) {
            break;
        }
        replayed.count += replay_some(queue, std::move(letters), publisher, source, failed);
    }
    if (replayed.count == 0 && failed.status != sdk::Status::ok) {
        throw sdk::Failure(failed.status, failed.message, failed.retry_after);
    }
    return replayed;
}

void complete_list(const Shared& shared, const SourceSettings& source, std::uint64_t limit,
                   sdk::Done<sdk::DeadLetters>& done) {
    std::list<Content> letters;
    {
        DeadLetterQueue queue(shared, source);
        letters = take_some(queue, limit, INT64_MAX);
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
    : queue_(source.dead_letters), connection_(shared.settings, "dead letters") {
    connection_.open_channel(kChannel);
}

DeadLetterQueue::~DeadLetterQueue() { connection_.say_goodbye(); }

std::optional<Content> DeadLetterQueue::take() {
    const auto reply = amqp_basic_get(connection_.get(), kChannel, bytes_of(queue_), 0);
    connection_.require(reply, kChannel);
    if (reply.reply.id == AMQP_BASIC_GET_EMPTY_METHOD) {
        return std::nullopt;
    }
    const auto& got = *static_cast<const amqp_basic_get_ok_t*>(reply.reply.decoded);
    const std::uint64_t tag = got.delivery_tag;
    Assembler assembler;
    for (;;) {
        const auto frame = connection_.next();
        if (!frame) {
            connection_.wait(wake_, kPatience);
            continue;
        }
        if (!Assembler::is_part(*frame)) {
            throw connection_.closed_by(*frame);
        }
        if (auto content = assembler.take(*frame)) {
            content->tag = tag;
            return content;
        }
    }
}

void DeadLetterQueue::acknowledge(std::uint64_t tag) {
    Connection::require_sent(amqp_basic_ack(connection_.get(), kChannel, tag, 0));
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
