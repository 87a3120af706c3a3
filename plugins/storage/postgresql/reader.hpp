/// Reads, each one statement and so one snapshot.
#pragma once

#include "plugins/storage/postgresql/document_reader.hpp"
#include "plugins/storage/postgresql/dump.hpp"
#include "plugins/storage/postgresql/load.hpp"
#include "plugins/storage/postgresql/reader_pages.hpp"
#include "plugins/storage/postgresql/session.hpp"

#include <belfry/storage.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace belfry::postgresql {

/// A connection that reads, with its statements. One thread. All functions throw SqlError.
class Reader {
public:
    /// Connects; the schema is there.
    explicit Reader(const Options& options);

    sdk::Heads heads(const std::vector<std::string>& streams);
    sdk::Heads streams(const std::string& after, std::uint64_t limit);
    sdk::Cursors cursors(const std::string& stream);
    sdk::Cursors cursor(const std::string& stream, const std::string& device);
    sdk::Jobs jobs(const std::string& queue, std::uint32_t state, const std::string& after,
                   std::uint64_t limit);
    /// Without what is said of durability.
    sdk::StorageStats stats();

    /// From any thread: what is running fails, and the connection is lost.
    void sever() const { session_.sever(); }

    [[nodiscard]] PageReader& pages() { return pages_; }
    [[nodiscard]] DocumentReader& documents() { return documents_; }
    [[nodiscard]] Dump& dump() { return dump_; }
    [[nodiscard]] Load& load() { return load_; }

private:
    Session session_;
    PageReader pages_;
    DocumentReader documents_;
    Dump dump_;
    Load load_;
};

}  // namespace belfry::postgresql
