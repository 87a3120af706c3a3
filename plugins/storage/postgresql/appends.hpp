/// Entries: many appends in one call.
#pragma once

#include "plugins/storage/postgresql/session.hpp"

#include <belfry/storage.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace belfry::postgresql {

/// One append and where its result goes.
struct Note {
    /// It was stored before: as this body, with this content or with another one.
    struct Known {
        std::int64_t ref = 0;
        bool is_same = false;
    };

    const bf_op_append* op = nullptr;
    sdk::OpResult* result = nullptr;
    std::optional<Known> known = {};
};

/// One thread. Throws SqlError.
class Appends {
public:
    explicit Appends(Session& session);

    /// Writes all and fills their results; or nothing where one is known already, which is noted on
    /// it. `epoch` is for the streams that are made. Without checks_pairs, a pair that is known is
    /// a unique violation: SqlError of contention.
    bool write(std::span<Note* const> notes, std::uint64_t epoch, bool checks_pairs);
    /// Fills the results of notes that are known with the same content.
    void recall(std::span<Note* const> notes);

private:
    Session& session_;
};

}  // namespace belfry::postgresql
