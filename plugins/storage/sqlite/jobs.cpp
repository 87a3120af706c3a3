#include "plugins/storage/sqlite/jobs.hpp"

#include "plugins/storage/sqlite/request.hpp"

#include <algorithm>

namespace belfry::sqlite {

using sdk::text_of;
using sdk::view;

namespace {

constexpr std::uint64_t kMaxJobs = 10'000;
constexpr std::size_t kMaxClaimBytes = 16U << 20U;

}  // namespace

Lanes::Lanes(SQLite::Database& database)
    : first_(database,
             "SELECT job FROM jobs WHERE queue = ? AND lane = ? AND lane <> '' AND state = 0"
             " ORDER BY due, job LIMIT 1"),
      unmark_(database,
              "UPDATE jobs SET is_first = 0 WHERE queue = ? AND lane = ? AND lane <> ''"
              " AND is_first = 1 AND job <> ?"),
      mark_(database, "UPDATE jobs SET is_first = 1 WHERE job = ? AND is_first = 0") {}

void Lanes::change(std::string_view queue, std::string_view lane) {
    if (lane.empty()) {
        return;
    }
    std::int64_t first = 0;
    {
        auto rows = first_.query(queue, lane);
        first = rows.next() ? rows.number(0) : 0;
    }
    unmark_.run(queue, lane, first);
    mark_.run(first);
}

JobQueue::JobQueue(SQLite::Database& database)
    : lanes_(database),
      owe_(database,
           "INSERT INTO jobs (queue, id, lane, due, state, attempt, lease, leased_until, payload,"
           " reason, is_first) VALUES (?1, ?2, ?3, ?4, 0, 0, 0, 0, ?5, '', ?3 = '')"
           " ON CONFLICT DO NOTHING"),
      due_(database,
           "SELECT j.job, j.id, j.lane, j.due, j.attempt, j.payload FROM jobs j"
           " WHERE j.queue = ?1 AND j.is_first = 1 AND j.due <= ?2 AND j.leased_until <= ?2"
           " AND (j.lane = '' OR NOT EXISTS (SELECT 1 FROM jobs l WHERE l.queue = j.queue"
           "  AND l.lane = j.lane AND l.lane <> '' AND l.state = 0 AND l.leased_until > ?2))"
           " ORDER BY j.due, j.job LIMIT ?3"),
      next_lease_(database,
                  "UPDATE settings SET value = value + ? WHERE name = 'lease' RETURNING value"),
      lease_(database, "UPDATE jobs SET attempt = ?, lease = ?, leased_until = ? WHERE job = ?"),
      lane_(database,
            "SELECT lane FROM jobs WHERE queue = ? AND id = ? AND lease = ? AND lease <> 0"),
      done_(database, "DELETE FROM jobs WHERE queue = ? AND id = ?"),
      again_(database,
             "UPDATE jobs SET state = 0, lease = 0, leased_until = 0, due = ?, reason = '',"
             " is_first = (lane = '') WHERE queue = ? AND id = ?"),
      dead_(database,
            "UPDATE jobs SET state = 1, leased_until = 0, reason = ?, is_first = 0"
            " WHERE queue = ? AND id = ?") {}

Fault JobQueue::owe(const bf_op_owe& op) {
    if (owe_.run(view(op.queue), view(op.id), view(op.lane), op.due, Blob{text_of(op.payload)}) ==
        0) {
        return {sdk::Status::duplicate, "job \"" + std::string(view(op.id)) + "\" of queue \"" +
                                            std::string(view(op.queue)) + "\" is there already"};
    }
    lanes_.change(view(op.queue), view(op.lane));
    return {};
}

Fault JobQueue::settle(const bf_op_settle& op) {
    const auto queue = view(op.queue);
    const auto id = view(op.id);
    std::string lane;
    {
        auto rows = lane_.query(queue, id, to_signed(op.lease));
        if (!rows.next()) {
            return {sdk::Status::conflict, "job \"" + std::string(id) + "\" of queue \"" +
                                               std::string(queue) +
                                               "\": the lease is not its own any more"};
        }
        lane = rows.text(0);
    }
    if (op.outcome == BF_SETTLE_DONE) {
        done_.run(queue, id);
    } else if (op.outcome == BF_SETTLE_AGAIN) {
        again_.run(op.due, queue, id);
    } else {
        dead_.run(view(op.reason), queue, id);
    }
    lanes_.change(queue, lane);
    return {};
}

std::vector<JobQueue::Candidate> JobQueue::due_jobs(const ClaimQuery& query, bool& more) {
    std::vector<Candidate> found;
    const auto limit = std::min(query.limit, kMaxJobs);
    std::size_t bytes = 0;
    auto rows = due_.query(std::string_view(query.queue), query.now, limit + 1);
    while (rows.next()) {
        if (found.size() == limit || bytes > kMaxClaimBytes) {
            more = true;
            break;
        }
        auto& [row, job] = found.emplace_back();
        row = rows.number(0);
        job.queue = query.queue;
        job.id = rows.text(1);
        job.lane = rows.text(2);
        job.due = rows.number(3);
        job.attempt = rows.count(4) + 1;
        job.payload = rows.text(5);
        bytes += job.payload.size();
    }
    return found;
}

sdk::Jobs JobQueue::claim(const ClaimQuery& query) {
    sdk::Jobs claimed;
    auto found = due_jobs(query, claimed.more);
    if (found.empty()) {
        return claimed;
    }
    auto rows = next_lease_.query(found.size());
    rows.next();
    auto lease = rows.count(0) - found.size();
    while (rows.next()) {
    }
    for (auto& [row, job] : found) {
        job.lease = ++lease;
        lease_.run(job.attempt, job.lease, query.until, row);
        claimed.jobs.push_back(std::move(job));
    }
    return claimed;
}

}  // namespace belfry::sqlite
