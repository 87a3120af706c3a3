/// A storage as the core sees it.
#pragma once

#include "daemon/base/executor.hpp"
#include "daemon/plugin/values.hpp"

#include <span>
#include <string>
#include <vector>

namespace belfry {

/// The truth. Calls come from any thread and never block; arguments are borrowed until the call
/// returns; each callback runs once, on `home`. What the calls promise:
/// sdk/include/belfry/abi/storage.h.
class Storage {
public:
    Storage() = default;
    Storage(const Storage&) = delete;
    Storage& operator=(const Storage&) = delete;
    virtual ~Storage() = default;

    /// Durable when it succeeds. Calls take effect in the order made.
    virtual void commit(std::span<const Group> groups, Executor& home,
                        Callback<Committed> done) = 0;
    virtual void read(const ReadQuery& query, Executor& home, Callback<Page> done) = 0;
    virtual void heads(std::span<const std::string> streams, Executor& home,
                       Callback<std::vector<Head>> done) = 0;
    virtual void streams(const std::string& after, std::uint64_t limit, Executor& home,
                         Callback<std::vector<Head>> done) = 0;
    virtual void cursors(const std::string& stream, Executor& home,
                         Callback<std::vector<Cursor>> done) = 0;
    virtual void get(const std::string& collection, const std::string& id, Executor& home,
                     Callback<Document> done) = 0;
    virtual void find(const FindQuery& query, Executor& home, Callback<Documents> done) = 0;
    virtual void claim(const std::string& queue, Nanos now, Nanos until, std::uint64_t limit,
                       Executor& home, Callback<Jobs> done) = 0;
    virtual void jobs(const std::string& queue, bool dead, const std::string& after,
                      std::uint64_t limit, Executor& home, Callback<Jobs> done) = 0;
    virtual void stats(Executor& home, Callback<StorageStats> done) = 0;
    virtual void backup(const std::string& path, Executor& home, Callback<> done) = 0;
    /// Where a device is; all zero where it has not moved yet.
    virtual void cursor(const std::string& stream, const std::string& device, Executor& home,
                        Callback<Cursor> done) = 0;
    virtual void dump(const std::string& after, std::uint64_t limit, std::uint64_t max_bytes,
                      Executor& home, Callback<Records> done) = 0;
    virtual void load(std::span<const Record> records, Executor& home, Callback<> done) = 0;
};

}  // namespace belfry
