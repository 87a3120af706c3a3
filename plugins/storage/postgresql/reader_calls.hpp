/// The calls that do not commit.
#pragma once

#include "plugins/storage/postgresql/backups.hpp"
#include "plugins/storage/postgresql/readers.hpp"

#include <belfry/plugin.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::postgresql {

/// The half of the storage that reads, copies and is copied; the other half derives from it.
class ReadCalls : public sdk::Storage {
public:
    using Storage::Storage;

    void read(const bf_read& query, sdk::Done<sdk::Page> done) override;
    void heads(std::span<const bf_str> streams, sdk::Done<sdk::Heads> done) override;
    void streams(std::string_view after, std::uint64_t limit, sdk::Done<sdk::Heads> done) override;
    void cursors(std::string_view stream, sdk::Done<sdk::Cursors> done) override;
    void cursor(std::string_view stream, std::string_view device,
                sdk::Done<sdk::Cursors> done) override;
    void get(std::string_view collection, std::string_view id,
             sdk::Done<sdk::Document> done) override;
    void find(const bf_find& query, sdk::Done<sdk::Documents> done) override;
    void jobs(std::string_view queue, std::uint32_t state, std::string_view after,
              std::uint64_t limit, sdk::Done<sdk::Jobs> done) override;
    void stats(sdk::Done<sdk::StorageStats> done) override;
    void backup(std::string_view path, sdk::Done<> done) override;
    void dump(std::string_view after, std::uint64_t limit, std::uint64_t max_bytes,
              sdk::Done<sdk::Records> done) override;
    void load(std::vector<sdk::Record> records, sdk::Done<> done) override;

protected:
    /// Connects; the schema is there. `durable` and `durability`: for stats. Throws SqlError.
    void open_reads(const Options& options, bool durable, std::string durability);
    /// What was accepted is answered first; then calls fail with `closed`.
    void close_reads();

private:
    template <class Value, class Read>
    void answer(sdk::Done<Value> done, Read read);

    std::unique_ptr<Readers> readers_;
    std::unique_ptr<Backups> backups_;
    std::atomic<bool> is_open_ = false;
    bool durable_ = false;
    std::string durability_;
};

}  // namespace belfry::postgresql
