/// What is asked of a stream.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace belfry::sqlite {

constexpr std::uint64_t kMaxPageRows = 10'000;
constexpr std::size_t kMaxPageBytes = 64U << 20U;
/// Entries, or bodies of one notification, that a query which leaves some out looks at.
constexpr std::uint64_t kMaxLookedAt = 5'000;

/// A query that owns its text.
struct PageQuery {
    std::string stream, notification_id, type;
    bool backward = false;
    std::uint64_t after = 0, limit = 0, max_bytes = 0;
    std::uint32_t state_mask = 0, state_want = 0;

    /// Entries may be left out.
    [[nodiscard]] bool is_filtered() const {
        return state_mask != 0 || state_want != 0 || !type.empty();
    }
};

}  // namespace belfry::sqlite
