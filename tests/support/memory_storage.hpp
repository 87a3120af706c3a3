/// A storage in memory for tests and the simulation: correct, deterministic, and able to fail on
/// demand.
#pragma once

#include "daemon/plugin/storage.hpp"
#include "tests/support/memory_state.hpp"

#include <functional>
#include <mutex>
#include <optional>

namespace belfry::test {

/// What goes wrong with one call of commit.
struct CommitFault {
    Error error;
    bool is_stored = false;  ///< the groups are stored all the same: an unknown outcome
};

/// Takes effect when called; each callback is posted to its home, or posted there after `delay`.
/// Numbers (epochs, leases) count up from 1, so equal calls give equal results. Outlives what it
/// posts.
class MemoryStorage : public Storage {
public:
    /// Asked before every commit; nothing = it succeeds. Set before use.
    std::function<std::optional<CommitFault>()> commit_fault;
    /// Of every completion; asked for each. Set before use.
    std::function<Nanos()> delay;

    void commit(std::span<const Group> groups, Executor& home, Callback<Committed> done) override;
    void read(const ReadQuery& query, Executor& home, Callback<Page> done) override;
    void heads(std::span<const std::string> streams, Executor& home,
               Callback<std::vector<Head>> done) override;
    void streams(const std::string& after, std::uint64_t limit, Executor& home,
                 Callback<std::vector<Head>> done) override;
    void cursors(const std::string& stream, Executor& home,
                 Callback<std::vector<Cursor>> done) override;
    void get(const std::string& collection, const std::string& id, Executor& home,
             Callback<Document> done) override;
    void find(const FindQuery& query, Executor& home, Callback<Documents> done) override;
    void claim(const std::string& queue, Nanos now, Nanos until, std::uint64_t limit,
               Executor& home, Callback<Jobs> done) override;
    void jobs(const std::string& queue, bool dead, const std::string& after, std::uint64_t limit,
              Executor& home, Callback<Jobs> done) override;
    void stats(Executor& home, Callback<StorageStats> done) override;
    void backup(const std::string& path, Executor& home, Callback<> done) override;
    void cursor(const std::string& stream, const std::string& device, Executor& home,
                Callback<Cursor> done) override;
    /// Refused, as is load.
    void dump(const std::string& after, std::uint64_t limit, std::uint64_t max_bytes,
              Executor& home, Callback<Records> done) override;
    void load(std::span<const Record> records, Executor& home, Callback<> done) override;

    /// Calls of commit so far. Any thread.
    [[nodiscard]] std::size_t commits() const;

private:
    template <class Value>
    void complete(Executor& home, Callback<Value> done, Result<Value> result);

    mutable std::mutex mutex_;
    MemoryState state_;
    std::size_t commits_ = 0;
};

}  // namespace belfry::test
