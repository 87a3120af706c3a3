#include "plugins/storage/sqlite/work_queue.hpp"

namespace belfry::sqlite {

namespace {

constexpr std::size_t kMaxGroups = 65'536;
constexpr std::size_t kMaxQueuedBytes = 256U << 20U;
constexpr std::size_t kBatchGroups = 4'096;
constexpr std::size_t kBatchBytes = 16U << 20U;

}  // namespace

void WorkQueue::open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
}

void WorkQueue::close() {
    const std::lock_guard lock(mutex_);
    open_ = false;
    changed_.notify_all();
}

bool WorkQueue::admit(std::unique_ptr<Work>& work, Trouble& trouble) {
    const std::lock_guard lock(mutex_);
    const auto groups = work->groups();
    const auto bytes = work->bytes();
    if (!open_) {
        trouble = {.status = sdk::Status::closed, .message = "not running", .retry_after = 0};
    } else if (groups > kMaxGroups || bytes > kMaxQueuedBytes) {
        trouble = {.status = sdk::Status::invalid,
                   .message = "a call takes at most " + std::to_string(kMaxGroups) +
                              " groups and " + std::to_string(kMaxQueuedBytes) + " bytes",
                   .retry_after = 0};
    } else if (groups_ + groups > kMaxGroups || bytes_ + bytes > kMaxQueuedBytes) {
        trouble = {.message = "too much waits to be written"};
    } else {
        groups_ += groups;
        bytes_ += bytes;
        waiting_.push_back(std::move(work));
        changed_.notify_one();
        return true;
    }
    return false;
}

void WorkQueue::push(std::unique_ptr<Work> work) {
    Trouble trouble;
    if (!admit(work, trouble)) {
        work->fail(trouble);
    }
}

Batch WorkQueue::take(std::chrono::milliseconds wait) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, wait, [this] { return !open_ || !waiting_.empty(); });
    Batch batch;
    std::size_t groups = 0;
    std::size_t bytes = 0;
    while (!waiting_.empty() && groups < kBatchGroups && bytes < kBatchBytes) {
        auto& next = waiting_.front();
        groups += next->groups();
        bytes += next->bytes();
        batch.push_back(std::move(next));
        waiting_.pop_front();
    }
    groups_ -= groups;
    bytes_ -= bytes;
    return batch;
}

bool WorkQueue::ended() const {
    const std::lock_guard lock(mutex_);
    return !open_ && waiting_.empty();
}

std::size_t WorkQueue::depth() const {
    const std::lock_guard lock(mutex_);
    return groups_;
}

}  // namespace belfry::sqlite
