#include "plugins/storage/postgresql/write_session.hpp"

#include "plugins/storage/postgresql/sql.hpp"
#include "plugins/storage/postgresql/together.hpp"

#include <algorithm>
#include <ranges>
#include <tuple>
#include <utility>

namespace belfry::postgresql {

using sdk::view;

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kPlansAge = 5 * kSecond;
constexpr std::int64_t kForgetWriters = 7LL * 24 * 3600 * kSecond;
constexpr std::uint64_t kMaxJobs = 10'000;
constexpr std::int64_t kMaxJobBytes = 16 << 20U;

// A function runs its statements with the plan made for it, whatever the arrays; in the order of
// the arrays, and never by reading a whole table.
constexpr const char* kPlannerSettings =
    "SET plan_cache_mode = force_generic_plan;"
    "SET enable_seqscan = off;"
    "SET enable_bitmapscan = off;"
    "SET enable_hashjoin = off;"
    "SET enable_mergejoin = off";

/// After another operation of the group has changed something. An operation by itself fails before
/// it has.
bool can_fail(const bf_op& op) {
    switch (op.kind) {
        case BF_OP_MARK:
        case BF_OP_CURSOR:
        case BF_OP_OWE:  // a duplicate is no failure
        case BF_OP_TRIM:
        case BF_OP_RESET: return false;
        case BF_OP_APPEND: return op_as<bf_op_append>(op).notification->event_id.len != 0;
        default: return true;
    }
}

bool needs_undo(const GroupRef& group) {
    return !group.fault.ok() || std::ranges::any_of(group.ops | std::views::drop(1),
                                                    [](const bf_op* op) { return can_fail(*op); });
}

/// What comes behind an operation that cannot be right is not tried.
void cut_at_fault(GroupRef& group) {
    for (std::size_t i = 0; i < group.ops.size(); ++i) {
        group.fault = check_op(*group.ops[i]);
        if (!group.fault.ok()) {
            group.ops = group.ops.first(i);
        }
    }
}

/// Those that have to be tried; the others have failed.
std::vector<GroupRef> checked(const std::vector<GroupRef>& groups) {
    std::vector<GroupRef> good;
    good.reserve(groups.size());
    for (auto group : groups) {
        *group.result = {};
        group.result->results.resize(group.ops.size());
        cut_at_fault(group);
        if (group.ops.empty() && !group.fault.ok()) {
            fail_group(group, std::move(group.fault));
        } else {
            good.push_back(std::move(group));
        }
    }
    return good;
}

}  // namespace

WriteSession::WriteSession(const Options& options, sdk::Env env, WriterState& state)
    : env_(env), state_(state), session_(options), appends_(session_),
      operations_(session_, env, state.round), planned_at_(env.monotonic()) {
    session_.exec(kPlannerSettings);
    session_.prepare("claim",
                     "SELECT * FROM @.claim($1::text, $2::bigint, $3::bigint, $4::bigint,"
                     " $5::bigint)");
    make_row();
}

void WriteSession::make_row() {
    const auto now = env_.now();
    session_.exec(in_schema(
        session_.schema(),
        "INSERT INTO @.writers VALUES (" + quote_literal(state_.id) + ", " +
            std::to_string(state_.batch) + ", " + std::to_string(now) +
            ") ON CONFLICT (id) DO NOTHING;"
            "DELETE FROM @.writers WHERE id IN (SELECT w.id FROM @.writers w WHERE w.at < " +
            std::to_string(now - kForgetWriters) + " FOR UPDATE SKIP LOCKED)"));
}

std::string WriteSession::forget_plans() {
    const auto now = env_.monotonic();
    if (now - planned_at_ < kPlansAge && written_ < 2 * written_when_planned_ + 100) {
        return {};
    }
    planned_at_ = now;
    written_when_planned_ = written_;
    return "DISCARD PLANS;";
}

bool WriteSession::try_begin(std::uint64_t batch, const std::string& before) {
    return session_
               .exec(in_schema(session_.schema(),
                               before + forget_plans() + "BEGIN; UPDATE @.writers SET batch = " +
                                   std::to_string(batch) + ", at = " + std::to_string(env_.now()) +
                                   " WHERE id = " + quote_literal(state_.id)))
               .affected_rows() == 1;
}

void WriteSession::begin() {
    state_.look_ups -= state_.look_ups == 0 ? 0 : 1;
    if (std::exchange(has_begun_, false)) {
        return;
    }
    ++state_.batch;
    if (!try_begin(state_.batch, "")) {
        rollback();
        make_row();  // it was forgotten after a week of silence
        if (!try_begin(state_.batch, "")) {
            throw SqlError({}, false, "the row of this writer cannot be made");
        }
    }
}

void WriteSession::commit(bool goes_on) {
    if (!goes_on) {
        session_.exec("COMMIT");
        return;
    }
    has_begun_ = try_begin(state_.batch + 1, "COMMIT; ");
    if (has_begun_) {
        ++state_.batch;
    } else {
        rollback();
    }
}

void WriteSession::rollback() {
    has_begun_ = false;
    session_.exec("ROLLBACK");
}

void WriteSession::probe() {
    begin();
    rollback();
}

bool WriteSession::has_committed(std::uint64_t batch) {
    const auto rows = session_.exec(in_schema(
        session_.schema(),
        "SELECT batch FROM @.writers WHERE id = " + quote_literal(state_.id) + " FOR UPDATE"));
    return !rows.empty() && count_at(rows[0][0]) == batch;
}

void WriteSession::apply(const std::vector<GroupRef>& groups) {
    const Plan plan(checked(groups));
    operations_.lock(plan);
    for (const auto& run : plan.runs()) {
        if (run.is_together) {
            run_together(run.groups);
            continue;
        }
        for (const auto& group : run.groups) {
            run_alone(group);
        }
    }
    operations_.drop_unused();
}

void WriteSession::apply_carefully(const std::vector<GroupRef>& groups) {
    const auto good = checked(groups);
    operations_.lock(Plan(good));
    for (const auto& group : good) {
        if (auto fault = run_undoable(group); !fault.ok()) {
            fail_group(group, std::move(fault));
        }
    }
    operations_.drop_unused();
}

void WriteSession::run_together(const std::vector<GroupRef>& groups) {
    Together together(groups);
    for (auto notes = together.open(); !notes.empty(); notes = together.open()) {
        if (appends_.write(notes, operations_.new_epoch(), state_.look_ups > 0)) {
            for (const auto* note : notes) {
                written_ += note->op->stream_count;
            }
            break;
        }
        together.fail_conflicts();
        state_.look_ups = WriterState::kLookUps;
    }
    if (const auto known = together.known(); !known.empty()) {
        appends_.recall(known);
    }
    if (const auto moves = together.moves(); !moves.empty()) {
        operations_.move(moves);
    }
}

void WriteSession::run_alone(const GroupRef& group) {
    auto fault = needs_undo(group) ? run_undoable(group) : run_operations(group);
    if (!fault.ok()) {
        fail_group(group, std::move(fault));
    }
}

Fault WriteSession::run_operations(const GroupRef& group) {
    for (std::size_t i = 0; i < group.ops.size(); ++i) {
        auto& result = group.result->results[i];
        auto fault = apply_op(*group.ops[i], result);
        if (fault.status == sdk::Status::duplicate) {
            result.status = sdk::Status::duplicate;
        } else if (!fault.ok()) {
            return fault;
        }
    }
    return group.fault;
}

Fault WriteSession::run_undoable(const GroupRef& group) {
    session_.exec("SAVEPOINT g");
    Fault fault;
    try {
        fault = run_operations(group);
    } catch (const SqlError& error) {
        if (cause_of(error) != Cause::content) {
            throw;
        }
        fault = {sdk::Status::invalid, error.what()};
    }
    session_.exec(fault.ok() ? "RELEASE g" : "ROLLBACK TO g; RELEASE g");
    return fault;
}

Fault WriteSession::apply_op(const bf_op& op, sdk::OpResult& result) {
    if (op.kind == BF_OP_APPEND) {
        return append(op_as<bf_op_append>(op), result);
    }
    return operations_.apply(op, result);
}

Fault WriteSession::append(const bf_op_append& op, sdk::OpResult& result) {
    Note note{.op = &op, .result = &result};
    Note* const one = &note;
    if (appends_.write({&one, 1}, operations_.new_epoch(), true)) {
        return {};
    }
    if (!note.known->is_same) {
        return other_content(*op.notification);
    }
    appends_.recall({&one, 1});
    return {sdk::Status::duplicate, {}};
}

sdk::Jobs WriteSession::claim(const ClaimQuery& query) {
    sdk::Jobs claimed;
    for (const auto& row : session_.run("claim", query.queue, query.now, query.until,
                                        std::min(query.limit, kMaxJobs), kMaxJobBytes)) {
        auto& job = claimed.jobs.emplace_back();
        job.queue = query.queue;
        job.id = text_at(row[1]);
        job.lane = text_at(row[2]);
        job.due = number_at(row[3]);
        job.attempt = count_at(row[4]);
        job.lease = count_at(row[5]);
        job.payload = bytes_at(row[6]);
        claimed.more = flag_at(row[7]);
    }
    return claimed;
}

}  // namespace belfry::postgresql
