#include "tests/support/memory_storage.hpp"

#include <utility>

namespace belfry::test {

template <class Value>
void MemoryStorage::complete(Executor& home, Callback<Value> done, Result<Value> result) {
    Task task = [done = std::move(done), result = std::move(result)]() mutable {
        done(std::move(result));
    };
    if (const Nanos wait = delay ? delay() : 0; wait > 0) {
        home.after(wait, std::move(task));
    } else {
        home.post(std::move(task));
    }
}

void MemoryStorage::commit(std::span<const Group> groups, Executor& home,
                           Callback<Committed> done) {
    const std::lock_guard lock(mutex_);
    ++commits_;
    const auto fault = commit_fault ? commit_fault() : std::nullopt;
    Committed committed;
    if (!fault || fault->is_stored) {
        for (const Group& group : groups) {
            committed.push_back(state_.apply(group));
        }
    }
    complete(home, std::move(done),
             fault ? Result<Committed>(std::unexpected(fault->error)) : std::move(committed));
}

void MemoryStorage::read(const ReadQuery& query, Executor& home, Callback<Page> done) {
    const std::lock_guard lock(mutex_);
    complete<Page>(home, std::move(done), state_.read(query));
}

void MemoryStorage::heads(std::span<const std::string> streams, Executor& home,
                          Callback<std::vector<Head>> done) {
    const std::lock_guard lock(mutex_);
    std::vector<Head> found;
    for (const std::string& stream : streams) {
        found.push_back(state_.head_of(stream));
    }
    complete<std::vector<Head>>(home, std::move(done), std::move(found));
}

void MemoryStorage::streams(const std::string& after, std::uint64_t limit, Executor& home,
                            Callback<std::vector<Head>> done) {
    const std::lock_guard lock(mutex_);
    complete<std::vector<Head>>(home, std::move(done), state_.streams(after, limit));
}

void MemoryStorage::cursors(const std::string& stream, Executor& home,
                            Callback<std::vector<Cursor>> done) {
    const std::lock_guard lock(mutex_);
    complete<std::vector<Cursor>>(home, std::move(done), state_.cursors(stream));
}

void MemoryStorage::get(const std::string& collection, const std::string& id, Executor& home,
                        Callback<Document> done) {
    const std::lock_guard lock(mutex_);
    complete(home, std::move(done), state_.get(collection, id));
}

void MemoryStorage::find(const FindQuery& query, Executor& home, Callback<Documents> done) {
    const std::lock_guard lock(mutex_);
    complete<Documents>(home, std::move(done), state_.find(query));
}

void MemoryStorage::claim(const std::string& queue, Nanos now, Nanos until, std::uint64_t limit,
                          Executor& home, Callback<Jobs> done) {
    const std::lock_guard lock(mutex_);
    complete<Jobs>(home, std::move(done), state_.claim(queue, now, until, limit));
}

void MemoryStorage::jobs(const std::string& queue, bool dead, const std::string& after,
                         std::uint64_t limit, Executor& home, Callback<Jobs> done) {
    const std::lock_guard lock(mutex_);
    complete<Jobs>(home, std::move(done), state_.jobs(queue, dead, after, limit));
}

void MemoryStorage::stats(Executor& home, Callback<StorageStats> done) {
    const std::lock_guard lock(mutex_);
    complete<StorageStats>(home, std::move(done), state_.stats());
}

void MemoryStorage::backup(const std::string& path, Executor& home, Callback<> done) {
    const std::lock_guard lock(mutex_);
    complete<void>(home, std::move(done),
                   fail(Code::refused, "a storage in memory has no copy for " + path));
}

void MemoryStorage::cursor(const std::string& stream, const std::string& device, Executor& home,
                           Callback<Cursor> done) {
    const std::lock_guard lock(mutex_);
    complete<Cursor>(home, std::move(done), state_.cursor(stream, device));
}

void MemoryStorage::dump(const std::string& /*after*/, std::uint64_t /*limit*/,
                         std::uint64_t /*max_bytes*/, Executor& home, Callback<Records> done) {
    complete<Records>(home, std::move(done), fail(Code::refused, "a storage in memory stays here"));
}

void MemoryStorage::load(std::span<const Record> /*records*/, Executor& home, Callback<> done) {
    complete<void>(home, std::move(done), fail(Code::refused, "a storage in memory begins empty"));
}

std::size_t MemoryStorage::commits() const {
    const std::lock_guard lock(mutex_);
    return commits_;
}

}  // namespace belfry::test
