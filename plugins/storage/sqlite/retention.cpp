#include "plugins/storage/sqlite/retention.hpp"

#include "plugins/storage/sqlite/request.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace belfry::sqlite {

using sdk::view;

namespace {

// What one operation may cost its neighbours in the transaction.
constexpr std::uint64_t kMaxEntries = 4'000;
constexpr std::int64_t kMaxStreams = 2'000;
constexpr std::int64_t kMaxSwept = 4'000;
/// An event is known this long at least, even when what it became is gone before.
constexpr std::int64_t kEventMemory = 24LL * 3600 * 1'000'000'000;

bool may_go(const bf_op_trim& op, const Stream& stream, Rows& entry) {
    const auto seq = entry.count(0);
    const auto created_at = entry.number(1);
    const auto expires_at = entry.number(2);
    return (op.keep != 0 && stream.head - seq >= op.keep) ||
           (op.older_than != 0 && created_at < op.older_than) ||
           (op.expired_at != 0 && expires_at != 0 && expires_at < op.expired_at);
}

}  // namespace

Retention::Retention(SQLite::Database& database, Streams& streams, Bodies& bodies, Cursors& cursors,
                     sdk::Env env)
    : env_(env), streams_(streams), bodies_(bodies), cursors_(cursors),
      oldest_(database,
              "SELECT e.seq, b.created_at, b.expires_at FROM entries e JOIN bodies b"
              " ON b.ref = e.ref WHERE e.stream_id = ? ORDER BY e.seq LIMIT ?"),
      refs_(database,
            "SELECT ref, seq FROM entries WHERE stream_id = ? AND seq <= ? ORDER BY seq LIMIT ?"),
      unread_(database,
              "SELECT count(*) FROM entries WHERE stream_id = ? AND seq <= ?"
              " AND kind = 0 AND (state & 17) = 0"),
      delete_(database, "DELETE FROM entries WHERE stream_id = ? AND seq <= ?"),
      behind_(database,
              "SELECT id, stream FROM streams WHERE id > ? AND earliest <= head"
              " ORDER BY id LIMIT ?"),
      cleared_(database, "SELECT stream_id FROM cleared LIMIT 1"),
      add_cleared_(database, "INSERT INTO cleared VALUES (?)"),
      drop_cleared_(database, "DELETE FROM cleared WHERE stream_id = ?") {}

Fault Retention::trim(const bf_op_trim& op, sdk::OpResult& result) {
    Budget budget{.entries = std::min(op.limit, kMaxEntries)};
    if (op.stream.len == 0) {
        trim_all(op, budget);
    } else if (auto* stream = streams_.find(view(op.stream)); stream != nullptr) {
        trim_one(op, *stream, budget);
    }
    const bool leftover = clear(budget.entries);
    const bool unswept = bodies_.sweep(env_.now() - kEventMemory, kMaxSwept);
    result.value = {budget.removed, budget.more || leftover || unswept ? 1U : 0U};
    return {};
}

void Retention::trim_all(const bf_op_trim& op, Budget& budget) {
    const Bounds bounds{op.keep, op.older_than != 0, op.expired_at != 0};
    if (bounds != bounds_) {
        bounds_ = bounds;
        position_ = 0;
    }
    std::vector<std::pair<std::int64_t, std::string>> found;
    {
        auto rows = behind_.query(position_, kMaxStreams);
        while (rows.next()) {
            found.emplace_back(rows.number(0), rows.text(1));
        }
    }
    for (const auto& [id, name] : found) {
        if (auto* stream = streams_.find(name); stream != nullptr) {
            trim_one(op, *stream, budget);
        }
        if (budget.more) {
            return;
        }
        position_ = id;
    }
    budget.more = std::cmp_equal(found.size(), kMaxStreams);
    if (!budget.more) {
        position_ = 0;
    }
}

void Retention::trim_one(const bf_op_trim& op, Stream& stream, Budget& budget) {
    if (stream.settled != stream.head) {
        streams_.touch(stream);
    }
    const auto last = last_to_go(op, stream, budget);
    if (last == 0) {
        return;
    }
    const auto count = last + 1 - stream.earliest;
    remove(stream, last);
    budget.entries -= count;
    budget.removed += count;
}

std::uint64_t Retention::last_to_go(const bf_op_trim& op, const Stream& stream, Budget& budget) {
    std::uint64_t last = 0;
    auto left = budget.entries;
    auto rows = oldest_.query(stream.id, left + 1);
    while (rows.next() && may_go(op, stream, rows)) {
        if (left == 0) {
            budget.more = true;
            break;
        }
        --left;
        last = rows.count(0);
    }
    return last;
}

void Retention::remove(Stream& stream, std::uint64_t seq) {
    std::vector<std::int64_t> refs;
    {
        auto rows = refs_.query(stream.id, seq, -1);
        while (rows.next()) {
            refs.push_back(rows.number(0));
        }
    }
    streams_.touch(stream);
    {
        auto rows = unread_.query(stream.id, seq);
        rows.next();
        stream.unread -= rows.count(0);
    }
    delete_.run(stream.id, seq);
    for (const auto ref : refs) {
        bodies_.release(ref);
    }
    streams_.count_removed(seq + 1 - stream.earliest);
    stream.earliest = seq + 1;
}

bool Retention::clear(std::uint64_t limit) {
    for (;;) {
        std::int64_t id = 0;
        {
            auto rows = cleared_.query();
            if (!rows.next()) {
                return false;
            }
            id = rows.number(0);
        }
        const auto removed = clear_one(id, limit);
        if (removed == limit) {
            return true;
        }
        limit -= removed;
        drop_cleared_.run(id);
    }
}

std::uint64_t Retention::clear_one(std::int64_t id, std::uint64_t limit) {
    std::vector<std::int64_t> refs;
    std::uint64_t last = 0;
    {
        auto rows = refs_.query(id, INT64_MAX, to_signed(limit));
        while (rows.next()) {
            refs.push_back(rows.number(0));
            last = rows.count(1);
        }
    }
    delete_.run(id, last);
    for (const auto ref : refs) {
        bodies_.release(ref);
    }
    return refs.size();
}

Fault Retention::reset(const bf_op_reset& op) {
    Stream& stream = streams_.obtain(view(op.stream));
    streams_.touch(stream);
    if (stream.head >= stream.earliest) {
        add_cleared_.run(stream.id);
        streams_.renumber(stream);
        streams_.count_removed(stream.head + 1 - stream.earliest);
    }
    stream.epoch = streams_.new_epoch();
    stream.head = 0;
    stream.settled = 0;
    stream.earliest = 1;
    stream.unread = 0;
    stream.marked = {};
    cursors_.drop(view(op.stream));
    return {};
}

}  // namespace belfry::sqlite
