#include "plugins/storage/sqlite/events.hpp"

#include <algorithm>
#include <ranges>
#include <utility>

namespace belfry::sqlite {

using sdk::text_of;
using sdk::view;

namespace {

/// So many runs become one of the next level.
constexpr std::size_t kMergedRuns = 4;
constexpr std::int64_t kCleanedBlocks = 64;

}  // namespace

Events::Events(SQLite::Database& database, Bodies& bodies, std::size_t recent)
    : database_(database), bodies_(bodies), recent_(recent), key_(database), runs_(database),
      body_(database, "SELECT source, event_id, hash FROM bodies WHERE ref = ? AND hash NOT NULL"),
      remember_(database, "UPDATE settings SET value = ? WHERE name = 'remembered'"),
      last_run_(runs_.discard_unfinished()) {
    all_ = runs_.load();
    is_unclean_ = true;
    last_ref_ = query_number(database, "SELECT value FROM settings WHERE name = 'remembered'");
    Statement unsaved(database,
                      "SELECT ref, source, event_id FROM bodies WHERE ref > ? AND hash NOT NULL"
                      " ORDER BY ref");
    auto rows = unsaved.query(last_ref_);
    while (rows.next()) {
        add(rows.text(1), rows.text(2), rows.number(0));
    }
}

std::optional<Events::Known> Events::check(const bf_op_append& op, std::int64_t ref) {
    bodies_.flush();
    auto rows = body_.query(ref);
    if (!rows.next() || rows.text(0) != view(op.notification->source) ||
        rows.text(1) != view(op.notification->event_id)) {
        return std::nullopt;
    }
    return Known{ref, rows.text(2) == text_of(op.content_hash)};
}

std::optional<Events::Known> Events::find(const bf_op_append& op) {
    const auto hash = key_.hash(view(op.notification->source), view(op.notification->event_id));
    refs_.clear();
    young_.find(hash, refs_);
    if (old_) {
        old_->find(hash, refs_);
    }
    for (const auto& run : all_) {
        if (!run.filter->may_have(hash)) {
            continue;
        }
        std::vector<Event> events;
        runs_.read(run, run.bits == 0 ? 0 : hash >> (64 - run.bits), run.bits, events);
        for (const auto& event : events) {
            if (event.hash == hash) {
                refs_.push_back(event.ref);
            }
        }
    }
    for (const auto ref : refs_) {
        if (auto known = check(op, ref)) {
            return known;
        }
    }
    return std::nullopt;
}

void Events::add(std::string_view source, std::string_view id, std::int64_t ref) {
    young_.add({key_.hash(source, id), ref});
    last_ref_ = std::max(last_ref_, ref);
}

void Events::add(const bf_op_append& op, std::int64_t ref) {
    add(view(op.notification->source), view(op.notification->event_id), ref);
}

std::int64_t Events::oldest() {
    return query_number(database_, "SELECT coalesce(min(ref), 9223372036854775807) FROM bodies");
}

void Events::begin() {
    start_work();
    begin_ = {young_.size(), last_ref_};
    group_ = begin_;
}

void Events::go_back(const Mark& mark) {
    young_.shrink(mark.young);
    last_ref_ = mark.last_ref;
}

void Events::start_work() {
    if (!flush_ && young_.size() >= recent_) {
        old_ = std::exchange(young_, RecentEvents());
        const auto bits = bits_for(old_->size());
        flush_.emplace(EventRun{.run = ++last_run_,
                                .events = old_->size(),
                                .last = old_->events().back().ref,
                                .filter = nullptr},
                       std::make_unique<MemorySource>(old_->events(), bits), bits);
    }
    for (std::uint32_t level = 0; !merge_ && level < 16; ++level) {
        merged_.clear();
        std::ranges::copy(all_ | std::views::filter([&](const EventRun& run) {
                              return run.level == level;
                          }) | std::views::take(kMergedRuns),
                          std::back_inserter(merged_));
        if (merged_.size() < kMergedRuns) {
            continue;
        }
        EventRun run{
            .run = ++last_run_, .level = level + 1, .last = merged_.back().last, .filter = nullptr};
        auto bits = merged_.front().bits;
        for (const auto& one : merged_) {
            run.events += one.events;
            bits = std::min(bits, one.bits);
        }
        merge_.emplace(std::move(run), std::make_unique<RunSource>(merged_), bits);
    }
}

bool Events::has_work() const {
    return flush_ || merge_ || is_unclean_ || young_.size() >= recent_;
}

void Events::work(std::uint64_t events) {
    if (flush_ && flush_->step(runs_, events, oldest())) {
        remember_.run(flush_->run().last);
        is_flushed_ = true;
    }
    if (merge_ && merge_->step(runs_, events, oldest())) {
        for (const auto& run : merged_) {
            runs_.remove(run);
        }
        is_merged_ = true;
    }
    if (is_unclean_) {
        is_unclean_ = runs_.clean(kCleanedBlocks);
    }
}

void Events::commit() {
    if (flush_) {
        flush_->commit();
    }
    if (merge_) {
        merge_->commit();
    }
    if (std::exchange(is_flushed_, false)) {
        all_.push_back(flush_->run());  // the youngest
        flush_.reset();
        old_.reset();
    }
    if (std::exchange(is_merged_, false)) {
        std::erase_if(all_, [this](const EventRun& run) {
            return std::ranges::find(merged_, run.run, &EventRun::run) != merged_.end();
        });
        all_.push_back(merge_->run());
        merge_.reset();
        is_unclean_ = true;
        std::ranges::sort(all_, {}, &EventRun::last);
    }
}

void Events::rollback() {
    go_back(begin_);
    if (flush_) {
        flush_->rollback();
    }
    if (merge_) {
        merge_->rollback();
    }
    is_flushed_ = false;
    is_merged_ = false;
    is_unclean_ = true;
}

}  // namespace belfry::sqlite
