/// Everything of one storage into another one, in steps that survive being killed.
#pragma once

#include "daemon/base/wait.hpp"
#include "daemon/plugin/storage.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace belfry::migrate {

/// The records of a storage, part by part; the next part is read while the caller works on the one
/// before. Blocks; completions come on `home`, which must be another thread's.
class Dump {
public:
    /// Begins behind `after`, a `next` of an earlier part; empty = at the start.
    Dump(Storage& storage, Executor& home, std::string after);

    /// True when the last part was given, or one could not be read.
    [[nodiscard]] bool ended() const { return !reading_; }
    Result<Records> next();

private:
    void read(std::string after);

    Storage& storage_;
    Executor& home_;
    std::optional<Awaited<Records>> reading_;
};

/// How far a copy has come; stored in the target together with what it speaks of.
struct Position {
    std::string after;          ///< Records::next of the last part written
    std::uint64_t records = 0;  ///< written so far
    bool is_whole = false;      ///< all of them
};

std::string print(const Position& position);
Result<Position> parse_position(std::string_view text);

/// Where the copy into `target` stands: a new one, where the target is empty; `refused` where it
/// has anything of its own.
Result<Position> find_position(Storage& target, Executor& home);

/// Writes what is missing from `position` on; `seen` hears how many records are there so far.
Result<> copy(Storage& from, Storage& to, Executor& home, Position position,
              const std::function<void(std::uint64_t)>& seen);

/// Takes the position out of the target: it may be used from now on.
Result<> release(Storage& target, Executor& home);

}  // namespace belfry::migrate
