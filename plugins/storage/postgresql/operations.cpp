#include "plugins/storage/postgresql/operations.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <utility>

namespace belfry::postgresql {

using sdk::text_of;
using sdk::view;

namespace {

using Element = ArrayParameter::Element;

// What one operation may cost its neighbours in the transaction.
constexpr std::uint64_t kMaxEntries = 10'000;
constexpr std::uint64_t kMaxMarked = 1ULL << 40U;
constexpr std::int64_t kMaxStreams = 1'000;
constexpr std::int64_t kMaxCleared = 5'000;
/// An event is known this long at least, even when what it became is gone before.
constexpr std::int64_t kEventMemory = 24LL * 3600 * 1'000'000'000;

constexpr std::uint32_t kOwnBits = BF_STATE_REVISED | BF_STATE_RETRACTED;  // no mark's

std::int32_t bits_of(std::uint32_t bits) { return static_cast<std::int32_t>(bits & ~kOwnBits); }

std::string name_of(bf_str id, const char* of, bf_str where) {
    return "\"" + std::string(view(id)) + "\" of " + of + "\"" + std::string(view(where)) + "\"";
}

std::int64_t wanted_version(std::uint64_t expected) {
    return expected == BF_VERSION_ANY ? -1 : to_signed(expected);
}

Fault other_version(const std::string& what, std::uint64_t expected, std::int64_t found) {
    const auto name = [](std::uint64_t version) {
        return version == 0 ? std::string("none") : "version " + std::to_string(version);
    };
    return {sdk::Status::conflict, what + ": expected " + name(expected) + ", found " +
                                       name(static_cast<std::uint64_t>(found))};
}

/// A value that is given twice in an index is one key.
struct Keys {
    explicit Keys(std::span<const bf_key> keys) {
        std::set<std::pair<std::string_view, std::string_view>> plain;
        std::set<std::pair<std::string_view, std::string_view>> unique;
        for (const auto& key : keys) {
            (key.unique != 0 ? unique : plain).emplace(view(key.index), view(key.value));
        }
        for (const auto& key : keys) {
            const std::pair pair{view(key.index), view(key.value)};
            const bool is_unique = unique.contains(pair);
            if ((is_unique ? unique : plain).erase(pair) != 0) {
                plain.erase(pair);
                indexes.add(pair.first);
                values.add(pair.second);
                uniques.add(std::int64_t{is_unique});
            }
        }
    }

    ArrayParameter indexes{Element::text};
    ArrayParameter values{Element::text};
    ArrayParameter uniques{Element::int4};
};

}  // namespace

Operations::Operations(Session& session, sdk::Env env, TrimRound& round)
    : session_(session), env_(env), round_(round) {
    session_.prepare("lock",
                     "WITH c AS MATERIALIZED (SELECT @.lock_collections($1::text[]))"
                     " SELECT s.absent, s.made FROM c, LATERAL @.lock_streams($2::text[],"
                     " $3::integer[]::boolean[], $4::bigint) s");
    session_.prepare("drop_unused", "SELECT @.drop_unused($1::bigint[])");
    session_.prepare("mark",
                     "SELECT * FROM @.mark($1::text, $2::integer, $3::integer, $4::bigint[],"
                     " $5::bigint, $6::bigint, $7::bigint, $8::bigint)");
    session_.prepare("move_cursors",
                     "SELECT @.move_cursors($1::text[], $2::text[], $3::bigint[], $4::bigint[],"
                     " $5::bigint[], $6::bigint[], $7::bigint[])");
    session_.prepare("put",
                     "SELECT * FROM @.put($1::text, $2::text, $3::bigint, $4::bytea, $5::text[],"
                     " $6::text[], $7::integer[]::boolean[])");
    session_.prepare("remove", "SELECT * FROM @.remove($1::text, $2::text, $3::bigint)");
    session_.prepare("owe",
                     "INSERT INTO @.jobs (queue, id, lane, due, state, attempt, lease,"
                     " leased_until, payload, reason)"
                     " VALUES ($1::text, $2::text, $3::text, $4::bigint, 0, 0, 0, 0, $5::bytea, '')"
                     " ON CONFLICT (queue, id) DO NOTHING");
    session_.prepare("settle_done",
                     "DELETE FROM @.jobs WHERE queue = $1::text AND id = $2::text"
                     " AND lease = $3::bigint AND lease <> 0");
    session_.prepare("settle_again",
                     "UPDATE @.jobs SET state = 0, lease = 0, leased_until = 0, reason = '',"
                     " due = $4::bigint WHERE queue = $1::text AND id = $2::text"
                     " AND lease = $3::bigint AND lease <> 0");
    session_.prepare("settle_dead",
                     "UPDATE @.jobs SET state = 1, leased_until = 0, reason = $4::text"
                     " WHERE queue = $1::text AND id = $2::text AND lease = $3::bigint"
                     " AND lease <> 0");
    session_.prepare("trim",
                     "SELECT * FROM @.trim_streams($1::text, $2::bigint, $3::bigint, $4::bigint,"
                     " $5::bigint, $6::bigint, $7::bigint)");
    session_.prepare("sweep", "SELECT @.sweep($1::bigint, $2::bigint)");
    session_.prepare("reset", "SELECT @.reset($1::text, $2::bigint)");
    session_.prepare("clear_leftovers", "SELECT @.clear_leftovers($1::bigint)");
}

std::uint64_t Operations::new_epoch() const {
    std::array<std::uint8_t, 5> random{};
    std::uint64_t epoch = 0;
    while (epoch < 2) {
        env_.random(random);
        epoch = 0;
        for (const auto byte : random) {
            epoch = epoch << 8U | byte;
        }
    }
    return epoch;
}

Fault Operations::apply(const bf_op& op, sdk::OpResult& result) {
    switch (op.kind) {
        case BF_OP_MARK: return mark(op_as<bf_op_mark>(op), result);
        case BF_OP_CURSOR: {
            const auto* one = &op_as<bf_op_cursor>(op);
            move({&one, 1});
            return {};
        }
        case BF_OP_PUT: return put(op_as<bf_op_put>(op), result);
        case BF_OP_DELETE: return remove(op_as<bf_op_delete>(op));
        case BF_OP_OWE: return owe(op_as<bf_op_owe>(op));
        case BF_OP_SETTLE: return settle(op_as<bf_op_settle>(op));
        case BF_OP_TRIM: return trim(op_as<bf_op_trim>(op), result);
        default: return reset(op_as<bf_op_reset>(op));
    }
}

void Operations::lock(const Plan& plan) {
    absent_.clear();
    made_.clear();
    const auto locks = plan.streams_to_lock();
    const auto collections = plan.collections_to_lock();
    if (locks.empty() && collections.empty()) {
        return;
    }
    ArrayParameter names(Element::text);
    ArrayParameter makes(Element::int4);
    for (const auto& lock : locks) {
        names.add(lock.stream);
        makes.add(std::int64_t{lock.makes});
    }
    const auto rows = session_.run("lock", texts_parameter(collections), names, makes, new_epoch());
    for (const auto place : numbers_at(rows[0][0])) {
        absent_.emplace(locks.at(static_cast<std::size_t>(place - 1)).stream);
    }
    made_ = numbers_at(rows[0][1]);
}

void Operations::drop_unused() {
    if (!made_.empty()) {
        session_.run("drop_unused", numbers_parameter(made_));
    }
}

/// It may have been made since; then it was after this transaction.
bool Operations::is_absent(bf_str stream) const {
    return !absent_.empty() && absent_.contains(std::string(view(stream)));
}

Fault Operations::mark(const bf_op_mark& op, sdk::OpResult& result) {
    if (is_absent(op.stream)) {
        return {};
    }
    ArrayParameter seqs(Element::int8);
    for (const auto seq : std::span(op.seqs, op.seq_count)) {
        seqs.add(to_signed(seq));
    }
    const auto rows = session_.run("mark", view(op.stream), bits_of(op.set), bits_of(op.clear),
                                   seqs, to_signed(op.up_to), op.time, to_signed(op.epoch),
                                   std::min(op.limit, kMaxMarked));
    result.count = count_at(rows[0][0]);
    result.value = {count_at(rows[0][1]), flag_at(rows[0][2]) ? 1U : 0U};
    return {};
}

void Operations::move(std::span<const bf_op_cursor* const> moves) {
    ArrayParameter streams(Element::text);
    ArrayParameter devices(Element::text);
    std::array<ArrayParameter, 5> numbers{
        ArrayParameter(Element::int8), ArrayParameter(Element::int8), ArrayParameter(Element::int8),
        ArrayParameter(Element::int8), ArrayParameter(Element::int8)};
    for (const auto* op : moves) {
        streams.add(view(op->stream));
        devices.add(view(op->device));
        numbers[0].add(to_signed(op->epoch));
        numbers[1].add(to_signed(op->delivered));
        numbers[2].add(to_signed(op->read));
        numbers[3].add(op->time);
        numbers[4].add(to_signed(op->keep));
    }
    const auto& [epochs, delivered, read, times, keeps] = numbers;
    session_.run("move_cursors", streams, devices, epochs, delivered, read, times, keeps);
}

Fault Operations::put(const bf_op_put& op, sdk::OpResult& result) {
    const Keys keys(std::span(op.keys, op.key_count));
    const auto rows =
        session_.run("put", view(op.collection), view(op.id), wanted_version(op.expected_version),
                     Blob{text_of(op.document)}, keys.indexes, keys.values, keys.uniques);
    const auto before = number_at(rows[0][0]);
    const auto what = "document " + name_of(op.id, "", op.collection);
    if (op.expected_version != BF_VERSION_ANY && to_signed(op.expected_version) != before) {
        return other_version(what, op.expected_version, before);
    }
    if (!rows[0][1].is_null()) {
        return {sdk::Status::conflict, what + ": the value is taken in index \"" +
                                           std::string(text_at(rows[0][1])) + "\""};
    }
    result.value[0] = static_cast<std::uint64_t>(before) + 1;
    return {};
}

Fault Operations::remove(const bf_op_delete& op) {
    const auto rows = session_.run("remove", view(op.collection), view(op.id),
                                   wanted_version(op.expected_version));
    const auto before = number_at(rows[0][0]);
    const auto what = "document " + name_of(op.id, "", op.collection);
    if (before == 0) {
        return {sdk::Status::not_found, what + ": is not there"};
    }
    if (op.expected_version != BF_VERSION_ANY && to_signed(op.expected_version) != before) {
        return other_version(what, op.expected_version, before);
    }
    return {};
}

Fault Operations::owe(const bf_op_owe& op) {
    const auto rows = session_.run("owe", view(op.queue), view(op.id), view(op.lane), op.due,
                                   Blob{text_of(op.payload)});
    if (rows.affected_rows() == 0) {
        return {sdk::Status::duplicate,
                "job " + name_of(op.id, "queue ", op.queue) + " is there already"};
    }
    return {};
}

Fault Operations::settle(const bf_op_settle& op) {
    const auto run = [&](const char* statement, const auto&... more) {
        return session_.run(statement, view(op.queue), view(op.id), to_signed(op.lease), more...)
            .affected_rows();
    };
    const auto changed = op.outcome == BF_SETTLE_DONE    ? run("settle_done")
                         : op.outcome == BF_SETTLE_AGAIN ? run("settle_again", op.due)
                                                         : run("settle_dead", view(op.reason));
    if (changed == 0) {
        return {sdk::Status::conflict, "job " + name_of(op.id, "queue ", op.queue) +
                                           ": the lease is not its own any more"};
    }
    return {};
}

Fault Operations::trim(const bf_op_trim& op, sdk::OpResult& result) {
    if (is_absent(op.stream)) {
        return {};
    }
    const bool is_round = op.stream.len == 0;
    const bool by_age = op.older_than != 0;
    const bool by_expiry = op.expired_at != 0;
    if (is_round &&
        (round_.keep != op.keep || round_.by_age != by_age || round_.by_expiry != by_expiry)) {
        round_ = {op.keep, by_age, by_expiry, 0};
    }
    const auto rows = session_.run("trim", view(op.stream), is_round ? round_.position : 0,
                                   kMaxStreams, op.older_than, to_signed(op.keep), op.expired_at,
                                   std::min(op.limit, kMaxEntries));
    if (is_round) {
        round_.position = number_at(rows[0][2]);
        clear_leftovers();
    }
    session_.run("sweep", env_.now() - kEventMemory, kMaxCleared);
    result.value = {count_at(rows[0][0]), flag_at(rows[0][1]) ? 1U : 0U};
    return {};
}

Fault Operations::reset(const bf_op_reset& op) {
    session_.run("reset", view(op.stream), new_epoch());
    return {};
}

bool Operations::clear_leftovers() {
    return flag_at(session_.run("clear_leftovers", kMaxCleared)[0][0]);
}

}  // namespace belfry::postgresql
