/// A storage plugin as a Storage.
#pragma once

#include "daemon/plugin/port.hpp"
#include "daemon/plugin/storage.hpp"

#include <belfry/abi.h>

namespace belfry::plugin {

class StorageAdapter final : public Storage {
public:
    /// `table` is a checked bf_storage. `port` outlives this.
    StorageAdapter(Port& port, const void* table);

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
    void dump(const std::string& after, std::uint64_t limit, std::uint64_t max_bytes,
              Executor& home, Callback<Records> done) override;
    void load(std::span<const Record> records, Executor& home, Callback<> done) override;

private:
    Port& port_;
    const bf_storage table_;  ///< functions that an older plugin lacks are NULL
};

}  // namespace belfry::plugin
