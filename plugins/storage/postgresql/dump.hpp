/// Everything there is, page by page.
#pragma once

#include "plugins/storage/postgresql/dump_place.hpp"
#include "plugins/storage/postgresql/session.hpp"

#include <belfry/records.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::postgresql {

/// Nobody writes meanwhile. One thread. Throws SqlError.
class Dump {
public:
    explicit Dump(Session& session);

    /// One snapshot. Throws sdk::Failure (invalid) for a place that is none.
    sdk::Records page(std::string_view after, std::uint64_t limit, std::uint64_t max_bytes);

private:
    /// What the next records may have.
    struct Room {
        std::uint64_t records;
        std::uint64_t bytes;
    };
    struct Piece {
        sdk::Record record;
        std::uint64_t size = 0;
        bool is_needed = true;
    };
    using Pieces = std::vector<Piece>;

    sdk::Records records_behind(DumpPlace place, std::uint64_t limit, std::uint64_t max_bytes);
    /// Behind the place, of its kind; none where there are no more.
    Pieces pieces(const DumpPlace& place, Room room);
    Pieces bodies(const DumpPlace& place, Room room);
    Pieces streams(const DumpPlace& place, Room room);
    Pieces entries(const DumpPlace& place, Room room);
    Pieces cursors(const DumpPlace& place, Room room);
    Pieces documents(const DumpPlace& place, Room room);
    Pieces jobs(const DumpPlace& place, Room room);
    void subtract_leftovers(Pieces& bodies);
    void add_keys(Pieces& documents, const std::vector<std::int64_t>& docs);

    Session& session_;
};

}  // namespace belfry::postgresql
