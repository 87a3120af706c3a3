/// Which offsets of a partition are done.
#pragma once

#include <cstdint>
#include <optional>
#include <set>

namespace belfry::kafka {

/// Kafka commits one offset per partition: everything before it is done. So it may only rise to
/// the lowest that is not. One thread.
class Tracker {
public:
    static constexpr std::int64_t kUnknown = -1;

    /// `next` is where reading begins, kUnknown where the broker decides; `committed` is what the
    /// broker has.
    explicit Tracker(std::int64_t next = kUnknown, std::int64_t committed = kUnknown)
        : next_(next), committed_(committed) {}

    /// `offset` was read from the log. Offsets rise, and leave some out.
    void began(std::int64_t offset) {
        open_.insert(offset);
        next_ = offset + 1;
    }
    /// False where it was not begun, or is done already.
    bool done(std::int64_t offset) { return open_.erase(offset) != 0; }

    /// What to commit: the lowest that is not done, or the one after all that were read. Nothing
    /// where that is committed already.
    [[nodiscard]] std::optional<std::int64_t> to_commit() const {
        const std::int64_t lowest = open_.empty() ? next_ : *open_.begin();
        return lowest == kUnknown || lowest == committed_ ? std::nullopt : std::optional(lowest);
    }
    void committed(std::int64_t offset) { committed_ = offset; }

    /// The one after all that were read.
    [[nodiscard]] std::int64_t next() const { return next_; }

private:
    std::set<std::int64_t> open_;
    std::int64_t next_;
    std::int64_t committed_;
};

}  // namespace belfry::kafka
