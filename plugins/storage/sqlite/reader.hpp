/// Reads, each in a snapshot of its own.
#pragma once

#include "plugins/storage/sqlite/database.hpp"
#include "plugins/storage/sqlite/document_reader.hpp"
#include "plugins/storage/sqlite/dumper.hpp"
#include "plugins/storage/sqlite/page_reader.hpp"

#include <belfry/storage.hpp>

#include <SQLiteCpp/Database.h>

#include <string>
#include <vector>

namespace belfry::sqlite {

/// A read-only connection with its statements. One thread. All functions throw SqlError.
class Reader {
public:
    explicit Reader(const std::string& path);

    sdk::Page page(const PageQuery& query);
    sdk::Heads heads(const std::vector<std::string>& streams);
    sdk::Heads streams(const std::string& after, std::uint64_t limit);
    sdk::Cursors cursors(const std::string& stream);
    sdk::Cursors cursor(const std::string& stream, const std::string& device);
    sdk::Jobs jobs(const std::string& queue, std::uint32_t state, const std::string& after,
                   std::uint64_t limit);
    sdk::StorageStats stats();
    sdk::Records dump(const DumpQuery& query);
    [[nodiscard]] DocumentReader& documents() { return documents_; }

private:
    SQLite::Database database_;
    PageReader pages_;
    DocumentReader documents_;
    Dumper dumper_;
    Statement cursors_;
    Statement cursor_;
    Statement jobs_;
    Statement dead_jobs_;
    Statement stats_;
};

}  // namespace belfry::sqlite
