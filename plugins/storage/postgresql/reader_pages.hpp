/// Reads of entries.
#pragma once

#include "plugins/storage/postgresql/session.hpp"

#include <belfry/storage.hpp>

#include <cstdint>
#include <string>

namespace belfry::postgresql {

/// A query that owns its text.
struct PageQuery {
    std::string stream, notification_id, type;
    bool backward = false;
    std::uint64_t after = 0, limit = 0, max_bytes = 0;
    std::uint32_t state_mask = 0, state_want = 0;
};

/// One statement for each page, so that head and entries are one snapshot. One thread. Throws
/// SqlError.
class PageReader {
public:
    explicit PageReader(Session& session);

    sdk::Page page(const PageQuery& query);

private:
    pqxx::result ask(const PageQuery& query, std::uint64_t limit, std::uint64_t max_bytes);

    Session& session_;
};

}  // namespace belfry::postgresql
