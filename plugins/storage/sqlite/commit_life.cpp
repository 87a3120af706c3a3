// A transaction from its beginning to its end, and what it does beside what it was asked for.
#include "plugins/storage/sqlite/commit.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <utility>

namespace belfry::sqlite {

namespace {

/// After so much time a generation is on its way into the tables, however many arrivals it has.
constexpr std::int64_t kYouth = 10'000'000'000;
/// What each transaction moves on of what came before, beside what is due for its own arrivals.
constexpr std::uint64_t kLeastWork = 64;
/// Moves of an event for each new one, until it is in the largest run.
constexpr std::uint64_t kEventWork = 4;
constexpr std::uint64_t kIdleWork = 4'096;
constexpr std::uint64_t kClearedAtOnce = 50'000;

}  // namespace

void Commit::begin() {
    const auto now = env_.monotonic();
    if (arrivals_.young().size() >= options_.journal_entries || now - aged_at_ >= kYouth ||
        is_hurried_) {
        settling_.age();
        aged_at_ = now;
        is_hurried_ = false;
    }
    begin_size_ = arrivals_.young().size();
    events_.begin();
    streams_.begin();
    begin_.run();
    // What is remembered between transactions is only true as long as nobody else writes.
    auto rows = data_version_.query();
    const auto version = rows.next() ? rows.number(0) : 0;
    if (std::exchange(seen_version_, version) != version) {
        streams_.forget();
        bodies_.forget();
        journal_.forget();
        streams_.begin();
    }
}

/// Gives the transaction's arrivals their rows, and is false where there are too many.
bool Commit::settle_few(std::size_t most) {
    if (!streams_.settle_placed(most)) {
        return false;
    }
    arrivals_.young().shrink(begin_size_);
    return true;
}

/// A few arrivals get their rows at once; many become a row of the journal, and get theirs together
/// with others later.
void Commit::keep_arrivals() {
    const auto count = arrivals_.young().size() - begin_size_;
    if (!settle_few(options_.write_through) && count != 0) {
        journal_.write(arrivals_.young().since(begin_size_));
    }
    settling_.work(
        std::max<std::uint64_t>(is_hurried_ ? kIdleWork : kLeastWork, count + count / 4));
    events_.work(kLeastWork + kEventWork * count);
}

void Commit::commit() {
    keep_arrivals();
    bodies_.flush();
    streams_.flush();
    commit_.run();
    begin_size_ = arrivals_.young().size();
    streams_.trim_cache();
    settling_.commit();
    events_.commit();
}

/// A round of trims ends when it has seen what had arrived before it began.
void Commit::follow_round(sdk::OpResult& trimmed) {
    if (round_ == 0) {
        round_ = journal_.next();
    }
    if (trimmed.value[1] != 0) {
        return;
    }
    if (arrivals_.has_any(round_)) {
        trimmed.value[1] = 1;
        is_hurried_ = true;
    } else {
        round_ = 0;
    }
}

void Commit::rollback() {
    if (sqlite3_get_autocommit(database_.getHandle()) == 0) {
        (void)sqlite3_exec(database_.getHandle(), "ROLLBACK", nullptr, nullptr, nullptr);
    }
    arrivals_.young().shrink(std::min(begin_size_, arrivals_.young().size()));
    streams_.rollback();
    settling_.rollback();
    bodies_.forget();
    events_.rollback();
    journal_.forget();
}

std::size_t Commit::arrived() const {
    return arrivals_.young().size() + (arrivals_.old() == nullptr ? 0 : arrivals_.old()->size());
}

bool Commit::has_work() const { return arrived() != 0 || events_.has_work(); }

void Commit::work_on() {
    settling_.work(kIdleWork);
    events_.work(kIdleWork);
}

bool Commit::settle_all() {
    for (const auto id : arrivals_.streams()) {
        if (auto* stream = streams_.find(id); stream != nullptr) {
            streams_.settle(*stream);
        }
    }
    streams_.flush_entries();
    return !retention_.clear(kClearedAtOnce);
}

}  // namespace belfry::sqlite
