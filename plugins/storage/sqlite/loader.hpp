/// Records of a dump, written as they are.
#pragma once

#include "plugins/storage/sqlite/check.hpp"
#include "plugins/storage/sqlite/database.hpp"
#include "plugins/storage/sqlite/events.hpp"
#include "plugins/storage/sqlite/jobs.hpp"
#include "plugins/storage/sqlite/streams.hpp"

#include <belfry/storage.hpp>

#include <SQLiteCpp/Database.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::sqlite {

/// Writer thread only. SqlError from any function: the transaction must be rolled back.
class Loader {
public:
    Loader(SQLite::Database& database, Events& events);

    /// On a fault some of them are written: roll back. What others know of streams and bodies is
    /// not true any more.
    Fault load(const std::vector<sdk::Record>& records);

private:
    /// The stream whose entries are coming in.
    struct Current {
        std::int64_t id = 0;
        std::string name;
        std::uint64_t earliest = 0;
        std::array<std::uint64_t, kStateBits> marked{};
    };

    Fault add(const sdk::BodyRecord& record);
    Fault add(const sdk::StreamRecord& record);
    Fault add(const sdk::EntryRecord& record);
    Fault add(const sdk::CursorRecord& record);
    Fault add(const sdk::DocumentRecord& record);
    Fault add(const sdk::JobRecord& record);
    void drop_document(std::string_view collection, std::string_view id);
    /// False where there is no such stream.
    bool enter(const std::string& stream);
    /// Writes what the entries said of the stream as a whole.
    void leave();

    Events& events_;
    Lanes lanes_;
    Statement body_;
    Statement has_body_;
    Statement stream_;
    Statement find_stream_;
    Statement marked_;
    Statement entry_;
    Statement cursor_;
    Statement drop_document_;
    Statement drop_keys_;
    Statement document_;
    Statement key_;
    Statement job_;
    Statement lease_;
    Current current_;
};

}  // namespace belfry::sqlite
