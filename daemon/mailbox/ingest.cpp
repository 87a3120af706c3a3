#include "daemon/mailbox/ingest.hpp"

#include "daemon/base/log.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace belfry {
namespace {

/// Commits under way at once: the storage works on one while the next is on its way.
constexpr std::size_t kInFlight = 2;
constexpr Nanos kRetryDelay = 50 * kMillisecond;
constexpr std::size_t kCommitBytes = 4UL << 20U;

std::size_t size_of(const Group& group) {
    std::size_t bytes = 0;
    for (const Op& op : group) {
        bytes += 64;
        if (const auto* append = std::get_if<Append>(&op)) {
            const Notification& notification = *append->notification;
            bytes +=
                notification.title.size() + notification.body.size() + notification.data.size();
            bytes += 48 * append->streams.size();
        } else if (const auto* put = std::get_if<Put>(&op)) {
            bytes += put->document.size();
        } else if (const auto* owe = std::get_if<Owe>(&op)) {
            bytes += owe->payload.size();
        }
    }
    return bytes;
}

/// Once an outcome was unknown, a storage that cannot be reached leaves it so.
bool is_unknown(Code code, bool was_repeated) {
    return code == Code::retry || (was_repeated && code == Code::unavailable);
}

void add_places(const Append& append, const OpResult& stored, std::vector<Place>& places) {
    const std::size_t count =
        std::min({append.streams.size(), stored.epochs.size(), stored.seqs.size()});
    for (std::size_t i = 0; i < count; ++i) {
        // 0: a repeated append whose entry is gone already.
        if (stored.seqs[i] != 0 && stored.epochs[i] != 0) {
            places.push_back({append.streams[i],
                              stored.epochs[i],
                              {append.kind, 0, stored.seqs[i], 0, append.notification}});
        }
    }
}

}  // namespace

Ingest::Ingest(Executor& core, Storage& storage, const Clock& clock, const IngestSettings& settings,
               Metrics& metrics, CommitListener listener)
    : core_(core), storage_(storage), clock_(clock), settings_(settings),
      listener_(std::move(listener)),
      stored_(metrics.counter("belfry_ingest_groups_total", "Commit groups by outcome.",
                              {{"outcome", "stored"}})),
      failed_(metrics.counter("belfry_ingest_groups_total", "Commit groups by outcome.",
                              {{"outcome", "failed"}})),
      refused_(metrics.counter("belfry_ingest_groups_total", "Commit groups by outcome.",
                               {{"outcome", "refused"}})),
      depth_gauge_(metrics.gauge("belfry_ingest_queue_groups", "Commit groups in hand.")),
      seconds_(metrics.seconds("belfry_commit_duration_seconds",
                               "From submission of a group to its durable commit.")) {}

bool Ingest::admit(std::size_t bytes) {
    const std::size_t depth = depth_.fetch_add(1, std::memory_order_relaxed);
    const std::size_t total = bytes_.fetch_add(bytes, std::memory_order_relaxed);
    if (depth < settings_.queue && total + bytes <= settings_.queue_bytes) {
        return true;
    }
    depth_.fetch_sub(1, std::memory_order_relaxed);
    bytes_.fetch_sub(bytes, std::memory_order_relaxed);
    return false;
}

void Ingest::submit(Group group, Callback<std::vector<OpResult>> done) {
    if (closed_.load(std::memory_order_acquire)) {
        done(fail(Code::closed, "the daemon is shutting down"));
        return;
    }
    Item item{std::move(group), std::move(done), 0, clock_.monotonic()};
    item.bytes = size_of(item.group);
    if (!admit(item.bytes)) {
        refused_.Increment();
        item.done(
            std::unexpected(Error{Code::unavailable, "the ingest queue is full", {}, kSecond}));
        return;
    }
    core_.post([this, item = std::move(item)]() mutable { enqueue(std::move(item)); });
}

void Ingest::enqueue(Item item) {
    queue_.push_back(std::move(item));
    depth_gauge_.Set(static_cast<double>(depth()));
    if (in_flight_ == 0 || queue_.size() >= settings_.batch) {
        flush_later();
    } else if (queue_.size() == 1) {
        core_.after(settings_.wait, [this] { flush(); });
    }
}

/// Behind what is posted already, so that requests read in one go share a commit.
void Ingest::flush_later() {
    if (!std::exchange(flush_posted_, true)) {
        core_.post([this] { flush(); });
    }
}

void Ingest::flush() {
    flush_posted_ = false;
    while (!queue_.empty() && in_flight_ < kInFlight && repeating_ == 0) {
        commit_next();
    }
}

/// How many of the queue's groups share the next commit: bounded in number and in weight, so that a
/// large fan-out does not hold up its neighbours for long.
std::ptrdiff_t Ingest::next_batch() const {
    std::size_t bytes = 0;
    std::size_t count = 0;
    while (count < std::min(queue_.size(), settings_.batch) && bytes < kCommitBytes) {
        bytes += queue_[count++].bytes;
    }
    return static_cast<std::ptrdiff_t>(count);
}

void Ingest::commit_next() {
    const std::ptrdiff_t count = next_batch();
    const auto batch = std::make_shared<std::vector<Item>>(
        std::make_move_iterator(queue_.begin()), std::make_move_iterator(queue_.begin() + count));
    queue_.erase(queue_.begin(), queue_.begin() + count);
    ++in_flight_;
    send(batch);
}

void Ingest::send(const Batch& batch) {
    std::vector<Group> groups;
    groups.reserve(batch->size());
    for (Item& item : *batch) {
        groups.push_back(std::move(item.group));
    }
    storage_.commit(groups, core_, [this, batch](Result<Committed> result) {
        on_committed(batch, std::move(result));
    });
    for (std::size_t i = 0; i < groups.size(); ++i) {
        (*batch)[i].group = std::move(groups[i]);
    }
}

/// The outcome is unknown: the same groups again, and those that were stored show as duplicates.
void Ingest::retry_later(const Batch& batch) {
    for (Item& item : *batch) {
        item.repeated = true;
        for (Op& op : item.group) {
            if (auto* append = std::get_if<Append>(&op)) {
                append->repeated = true;
            }
        }
    }
    core_.after(kRetryDelay, [this, batch] { send(batch); });
}

void Ingest::on_committed(const Batch& batch, Result<Committed> result) {
    const bool was_repeated = batch->front().repeated;
    if (!result && is_unknown(result.error().code, was_repeated) && !closed_.load()) {
        if (!was_repeated) {
            ++repeating_;
            log::warning("commit is repeated", {{"reason", result.error().message}});
        }
        retry_later(batch);
        return;
    }
    repeating_ -= was_repeated ? 1 : 0;
    --in_flight_;
    if (result) {
        announce(*batch, *result);
    }
    for (std::size_t i = 0; i < batch->size(); ++i) {
        finish((*batch)[i],
               result ? std::move((*result)[i]) : GroupResult(std::unexpected(result.error())));
    }
    depth_gauge_.Set(static_cast<double>(depth()));
    flush();
    if (idle_ && in_flight_ == 0 && queue_.empty()) {
        std::exchange(idle_, nullptr)();
    }
}

void Ingest::announce(const std::vector<Item>& items, const Committed& committed) {
    auto places = std::make_shared<std::vector<Place>>();
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (!committed[i]) {
            continue;
        }
        for (std::size_t k = 0; k < items[i].group.size(); ++k) {
            const auto* append = std::get_if<Append>(&items[i].group[k]);
            const OpResult& stored = (*committed[i])[k];
            // Nobody was told of what an unknown outcome stored.
            if (append == nullptr || (stored.duplicate && !items[i].repeated)) {
                continue;
            }
            add_places(*append, stored, *places);
        }
    }
    if (!places->empty()) {
        listener_(places);
    }
}

void Ingest::finish(Item& item, Result<std::vector<OpResult>> result) {
    (result ? stored_ : failed_).Increment();
    seconds_.Observe(static_cast<double>(clock_.monotonic() - item.since) / kSecond);
    depth_.fetch_sub(1, std::memory_order_relaxed);
    bytes_.fetch_sub(item.bytes, std::memory_order_relaxed);
    item.done(std::move(result));
}

void Ingest::close(Task idle) {
    closed_.store(true, std::memory_order_release);
    core_.post([this, idle = std::move(idle)]() mutable {
        if (in_flight_ == 0 && queue_.empty()) {
            idle();
        } else {
            idle_ = std::move(idle);
            flush();
        }
    });
}

}  // namespace belfry
