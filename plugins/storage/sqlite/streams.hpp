/// The writer's view of the table `streams`.
#pragma once

#include "plugins/storage/sqlite/database.hpp"

#include <belfry/host.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace belfry::sqlite {

/// BF_STATE_READ, BF_STATE_ARCHIVED, BF_STATE_SEEN, by the number of the bit.
constexpr std::size_t kStateBits = 3;

struct Stream {
    std::int64_t id = 0;  ///< 0: is not in the database
    std::uint64_t epoch = 0;
    std::uint64_t head = 0;
    std::uint64_t earliest = 1;
    std::uint64_t unread = 0;
    std::array<std::uint64_t, kStateBits> marked{};  ///< all up to there have the bit
    bool fresh = false;                              ///< not written yet
    bool dirty = false;
    const std::string* name = nullptr;
};

/// Keeps the state of streams between transactions and writes what changed once for each
/// transaction, so that an append costs neither a SELECT nor an UPDATE of its own. Writer thread
/// only. SqlError from any function: the transaction must be rolled back and forget() called.
class Streams {
public:
    Streams(SQLite::Database& database, sdk::Env env);

    /// Null where there is no such stream. Valid until settle() or forget().
    Stream* find(std::string_view name);
    /// Makes the stream where it is not there.
    Stream& obtain(std::string_view name);
    /// Before every change of a stream.
    void touch(Stream& stream);
    [[nodiscard]] std::uint64_t new_epoch();
    /// Gives the stream another id, under which nothing is stored yet.
    void renumber(Stream& stream);

    /// Between these, changes can be taken back.
    void begin_group(bool undoable);
    void undo_group();

    /// Writes what changed. Not between begin_group and the group's end.
    void flush();
    /// The transaction was committed.
    void settle();
    /// The transaction was rolled back, or another program wrote: nothing known is true any more.
    void forget();

private:
    struct Hash {
        using is_transparent = void;  // NOLINT(readability-identifier-naming)
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };

    void load(std::string_view name, Stream& stream);
    void write(const Stream& stream);
    std::int64_t new_id();

    sdk::Env env_;
    SQLite::Database& database_;
    Statement select_;
    Statement insert_;
    Statement update_;
    Statement renumber_;
    std::unordered_map<std::string, Stream, Hash, std::equal_to<>> cache_;
    std::vector<Stream*> dirty_;
    std::vector<std::pair<Stream*, Stream>> undo_;
    bool undoable_ = false;
    std::int64_t next_id_ = 0;  ///< 0: to be looked up
    std::array<std::uint8_t, 4000> random_{};
    std::size_t random_used_;
};

}  // namespace belfry::sqlite
