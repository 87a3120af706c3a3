/// Entries that have their place but no row of their own yet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <vector>

namespace belfry::sqlite {

/// An entry's place, and the body it has.
struct Arrival {
    std::int64_t stream = 0;
    std::uint64_t seq = 0;
    std::int64_t ref = 0;
    std::uint32_t kind = 0;
};

/// Arrivals in the order of their coming. The writer adds and takes back; any thread looks.
class Generation {
public:
    Generation();

    /// `journal`: the number of the row that makes it durable; never smaller than the one before.
    void add(std::int64_t journal, const std::vector<Arrival>& arrivals);
    /// Those behind the first `size`.
    [[nodiscard]] std::vector<Arrival> since(std::size_t size) const;
    /// Takes the last ones back.
    void shrink(std::size_t size);
    [[nodiscard]] std::size_t size() const;
    /// Of the row of the last arrival; 0 where there is none.
    [[nodiscard]] std::int64_t last_journal() const;
    /// Has arrivals of no later row than this.
    [[nodiscard]] bool has_any(std::int64_t journal) const;

    /// Appends to `found` those of the stream behind `seq` and of no later row than `journal`, the
    /// newest first.
    void find(std::int64_t stream, std::uint64_t seq, std::int64_t journal,
              std::vector<Arrival>& found) const;
    /// The distinct streams, by their ids.
    [[nodiscard]] std::vector<std::int64_t> streams() const;

private:
    struct Item {
        Arrival arrival;
        std::uint32_t before = 0;  ///< of the same stream: its number + 1
        std::int64_t journal = 0;
    };
    /// Where the stream's newest item is, or the free slot for it.
    [[nodiscard]] std::size_t slot_of(std::int64_t stream) const;
    void add_one(std::int64_t journal, const Arrival& arrival);
    void grow();

    mutable std::shared_mutex mutex_;
    std::vector<Item> items_;
    /// A hash table by stream: the number + 1 of the newest item.
    struct Slot {
        std::int64_t stream = 0;
        std::uint32_t newest = 0;
    };
    std::vector<Slot> slots_;
    std::size_t used_ = 0;
};

/// All generations: the one that takes what comes, and an older one that is on its way into the
/// tables.
class Arrivals {
public:
    /// What a reader must look at beside its snapshot of the database.
    struct View {
        std::vector<std::shared_ptr<const Generation>> generations;
        /// A generation has gone: a snapshot from between two views with different numbers may lack
        /// one.
        std::uint64_t gone = 0;
    };

    Arrivals();

    [[nodiscard]] View view() const;

    // The writer's only.
    [[nodiscard]] Generation& young() { return *young_; }
    [[nodiscard]] Generation* old() { return old_.get(); }
    /// The young one becomes the old one; there must be none.
    void age();
    /// The old one's arrivals are all in the tables.
    void drop_old();
    [[nodiscard]] bool has_any(std::int64_t journal) const {
        return young_->has_any(journal) || (old_ != nullptr && old_->has_any(journal));
    }
    /// The distinct streams of both, by their ids.
    [[nodiscard]] std::vector<std::int64_t> streams() const;
    /// As Generation::find, over all, the oldest first.
    [[nodiscard]] std::vector<Arrival> find(std::int64_t stream, std::uint64_t seq) const;

private:
    mutable std::mutex mutex_;
    std::shared_ptr<Generation> young_;
    std::shared_ptr<Generation> old_;
    std::uint64_t gone_ = 0;
};

}  // namespace belfry::sqlite
