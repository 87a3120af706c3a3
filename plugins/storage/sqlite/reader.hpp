/// Reads, each in a snapshot of its own.
#pragma once

#include "plugins/storage/sqlite/arrivals.hpp"
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
    Reader(const std::string& path, const Arrivals& arrivals);

    sdk::Page page(const PageQuery& query);
    sdk::Heads heads(const std::vector<std::string>& streams);
    sdk::Heads streams(const std::string& after, std::uint64_t limit);
    sdk::Cursors cursors(const std::string& stream);
    sdk::Cursors cursor(const std::string& stream, const std::string& device);
    sdk::Jobs jobs(const std::string& queue, std::uint32_t state, const std::string& after,
                   std::uint64_t limit);
    /// How large the database is.
    std::uint64_t bytes();
    sdk::Records dump(const DumpQuery& query);
    [[nodiscard]] DocumentReader& documents() { return documents_; }

private:
    SQLite::Database database_;
    const Arrivals& arrivals_;
    Statement journal_;
    PageReader pages_;
    DocumentReader documents_;
    Dumper dumper_;
    Statement cursors_;
    Statement cursor_;
    Statement jobs_;
    Statement dead_jobs_;
};

}  // namespace belfry::sqlite
