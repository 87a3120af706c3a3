#include "plugins/storage/postgresql/reader.hpp"

#include "plugins/storage/postgresql/reader_rows.hpp"
#include "plugins/storage/postgresql/reader_text.hpp"
#include "plugins/storage/postgresql/sql.hpp"

#include <algorithm>
#include <string_view>

namespace belfry::postgresql {

namespace {

// Every statement here walks an index and looks up what belongs to each row. So the plan does not
// depend on how much there is, or on what the server believes to know of it.
constexpr const char* kPlans =
    "SET plan_cache_mode = force_generic_plan;"
    "SET enable_seqscan = off;"
    "SET enable_bitmapscan = off;"
    "SET enable_hashjoin = off;"
    "SET enable_mergejoin = off;"
    "SET enable_sort = off;"
    "SET max_parallel_workers_per_gather = 0";

constexpr std::string_view kCursors =
    "SELECT c.device, c.delivered, c.read, c.moved_at FROM @.cursors c"
    " LEFT JOIN @.streams s ON s.stream = c.stream"
    " WHERE c.stream = $1 AND (c.epoch = 0 OR c.epoch = s.epoch)";

/// The state stands in the text, so that the index of the dead can serve.
std::string job_query(std::string_view state) {
    return "SELECT id, lane, due, attempt, lease, payload, reason FROM (SELECT j.*,"
           " sum(octet_length(payload)) OVER (ORDER BY id"
           "  ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before"
           " FROM @.jobs j WHERE queue = $1 AND " +
           std::string(state) +
           " AND id >= $2 ORDER BY id LIMIT $3::bigint) w"
           " WHERE coalesce(before, 0) <= $4::bigint ORDER BY id";
}

sdk::Cursors cursors_of(const pqxx::result& rows) {
    sdk::Cursors cursors;
    for (const auto& row : rows) {
        cursors.cursors.push_back(
            {std::string(text_at(row[0])), count_at(row[1]), count_at(row[2]), number_at(row[3])});
    }
    return cursors;
}

sdk::Job job_at(const pqxx::row& row, const std::string& queue, std::uint32_t state) {
    return {state,
            queue,
            std::string(text_at(row[0])),
            std::string(text_at(row[1])),
            number_at(row[2]),
            count_at(row[3]),
            count_at(row[4]),
            bytes_at(row[5]),
            std::string(text_at(row[6]))};
}

/// The first text behind this name; none where there cannot be one.
std::optional<std::string> behind(const std::string& name) { return first_text(name + '\0'); }

}  // namespace

Reader::Reader(const Options& options)
    : session_(options), pages_(session_), documents_(session_), dump_(session_), load_(session_) {
    session_.exec(kPlans);
    session_.prepare("heads",
                     "SELECT s.epoch, s.head, s.earliest, s.unread"
                     " FROM unnest($1::text[]) WITH ORDINALITY n (stream, place)"
                     " LEFT JOIN @.streams s ON s.stream = n.stream ORDER BY n.place");
    session_.prepare("streams",
                     "SELECT epoch, head, earliest, unread, stream FROM @.streams"
                     " WHERE stream >= $1 ORDER BY stream LIMIT $2::bigint");
    session_.prepare("cursors", std::string(kCursors) + " ORDER BY c.device");
    session_.prepare("cursor", std::string(kCursors) + " AND c.device = $2");
    session_.prepare("jobs", job_query("state = 0"));
    session_.prepare("dead_jobs", job_query("state = 1"));
    session_.prepare("stats",
                     "SELECT count(*), coalesce(sum(head - earliest + 1), 0)::bigint,"
                     " (SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint"
                     "  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n"
                     "  ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind = 'r')"
                     " FROM @.streams");
}

sdk::Heads Reader::heads(const std::vector<std::string>& streams) {
    ArrayParameter names(ArrayParameter::Element::text);
    for (const auto& stream : streams) {
        if (is_text(stream)) {
            names.add(std::string_view(stream));
        } else {
            names.add_null();
        }
    }
    sdk::Heads heads;
    heads.heads.reserve(streams.size());
    for (const auto& row : session_.run("heads", names)) {
        heads.heads.push_back(head_at(row, 0, streams[heads.heads.size()]));
    }
    return heads;
}

sdk::Heads Reader::streams(const std::string& after, std::uint64_t limit) {
    sdk::Heads heads;
    const auto first = behind(after);
    if (!first) {
        return heads;
    }
    for (const auto& row : session_.run("streams", *first, std::min(limit, kMaxRows))) {
        heads.heads.push_back(head_at(row, 0, text_at(row[4])));
    }
    return heads;
}

sdk::Cursors Reader::cursors(const std::string& stream) {
    return is_text(stream) ? cursors_of(session_.run("cursors", stream)) : sdk::Cursors{};
}

sdk::Cursors Reader::cursor(const std::string& stream, const std::string& device) {
    return is_text(stream) && is_text(device) ? cursors_of(session_.run("cursor", stream, device))
                                              : sdk::Cursors{};
}

sdk::Jobs Reader::jobs(const std::string& queue, std::uint32_t state, const std::string& after,
                       std::uint64_t limit) {
    limit = std::clamp<std::uint64_t>(limit, 1, kMaxRows);
    sdk::Jobs found;
    const auto first = behind(after);
    if (!first || !is_text(queue)) {
        return found;
    }
    const bool dead = state == BF_JOB_DEAD;
    std::size_t bytes = 0;
    for (const auto& row :
         session_.run(dead ? "dead_jobs" : "jobs", queue, *first, limit + 1, kMaxBytes)) {
        if (found.jobs.size() == limit) {
            found.more = true;
            return found;
        }
        found.jobs.push_back(job_at(row, queue, dead ? BF_JOB_DEAD : BF_JOB_PENDING));
        bytes += found.jobs.back().payload.size();
    }
    found.more = bytes > kMaxBytes;
    return found;
}

sdk::StorageStats Reader::stats() {
    const auto row = session_.run("stats", session_.schema())[0];
    sdk::StorageStats stats;
    stats.streams = count_at(row[0]);
    stats.entries = count_at(row[1]);
    stats.bytes = count_at(row[2]);
    return stats;
}

}  // namespace belfry::postgresql
