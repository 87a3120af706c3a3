#include "tests/support/memory_state.hpp"

#include <algorithm>
#include <iterator>
#include <ranges>

namespace belfry::test {
namespace {

std::size_t size_of(const Entry& entry) {
    const Notification& notification = *entry.notification;
    return notification.title.size() + notification.body.size() + notification.data.size();
}

bool is_wanted(const Entry& entry, const ReadQuery& query) {
    return (entry.state & query.state_mask) == query.state_want &&
           (query.notification_id.empty() || entry.notification->id == query.notification_id) &&
           (query.type.empty() || entry.notification->type == query.type);
}

/// Takes what is wanted until a limit is met.
void take(const auto& entries, const ReadQuery& query, Page& page) {
    std::size_t bytes = 0;
    for (const auto& [seq, entry] : entries) {
        if (!is_wanted(entry, query)) {
            continue;
        }
        if (page.entries.size() == query.limit || bytes > query.max_bytes) {
            page.more = true;
            return;
        }
        bytes += size_of(entry);
        page.entries.push_back(entry);
        page.next = seq;
    }
}

bool is_claimable(const MemoryJob& job, Nanos now, const std::set<std::string>& leased) {
    return !job.job.dead && job.job.due <= now && job.leased_until <= now &&
           !leased.contains(job.job.lane);
}

}  // namespace

Head MemoryState::head_of(const std::string& stream) const {
    const auto found = streams_.find(stream);
    if (found == streams_.end()) {
        return {.earliest = 0, .stream = stream};
    }
    const MemoryStream& known = found->second;
    return {true, known.epoch, known.earliest, known.head, known.unread, stream};
}

Page MemoryState::read(const ReadQuery& query) const {
    Page page{.head = head_of(query.stream), .entries = {}};
    if (!page.head.exists) {
        return page;
    }
    const auto& entries = streams_.at(query.stream).entries;
    if (query.backward) {
        const auto end = query.after == 0 ? entries.end() : entries.lower_bound(query.after);
        take(std::ranges::subrange(std::make_reverse_iterator(end), entries.rend()), query, page);
    } else {
        take(std::ranges::subrange(entries.upper_bound(query.after), entries.end()), query, page);
    }
    return page;
}

std::vector<Head> MemoryState::streams(const std::string& after, std::uint64_t limit) const {
    std::vector<Head> heads;
    for (auto at = streams_.upper_bound(after); at != streams_.end() && heads.size() < limit;
         ++at) {
        heads.push_back(head_of(at->first));
    }
    return heads;
}

std::vector<Cursor> MemoryState::cursors(const std::string& stream) const {
    std::vector<Cursor> all;
    if (const auto found = cursors_.find(stream); found != cursors_.end()) {
        std::ranges::copy(found->second | std::views::values, std::back_inserter(all));
    }
    return all;
}

Cursor MemoryState::cursor(const std::string& stream, const std::string& device) const {
    if (const auto found = cursors_.find(stream); found != cursors_.end()) {
        if (const auto known = found->second.find(device); known != found->second.end()) {
            return known->second;
        }
    }
    return {.device = device};
}

Result<Document> MemoryState::get(const std::string& collection, const std::string& id) const {
    if (const auto found = collections_.find(collection); found != collections_.end()) {
        const auto& documents = found->second.documents;
        if (const auto known = documents.find(id); known != documents.end()) {
            return Document{id, known->second.version, known->second.document, id};
        }
    }
    return fail(Code::not_found, "document \"" + id + "\" of \"" + collection + "\" is not there");
}

Documents MemoryState::find(const FindQuery& query) const {
    Documents result;
    const auto collection = collections_.find(query.collection);
    if (collection == collections_.end()) {
        return result;
    }
    using Place = std::pair<std::string, std::string>;  // key, id
    std::vector<Place> places;
    if (query.index.empty()) {
        for (const auto& [id, document] : collection->second.documents) {
            places.emplace_back(id, id);
        }
    }
    for (const auto& [index, value, id] : collection->second.keys) {
        if (index == query.index && !query.index.empty()) {
            places.emplace_back(value, id);
        }
    }
    const Place behind{query.after_key, query.after_id};
    std::erase_if(places, [&](const Place& place) {
        return (!query.from.empty() && place.first < query.from) ||
               (!query.to.empty() && place.first >= query.to) ||
               (!query.after_id.empty() && (query.backward ? place >= behind : place <= behind));
    });
    if (query.backward) {
        std::ranges::reverse(places);
    }
    for (const auto& [key, id] : places) {
        if (result.documents.size() == query.limit) {
            result.more = true;
            break;
        }
        const MemoryDocument& document = collection->second.documents.at(id);
        result.documents.push_back({id, document.version, document.document, key});
    }
    return result;
}

std::set<std::string> MemoryState::leased_lanes(const std::string& queue, Nanos now) const {
    std::set<std::string> lanes;
    for (const auto& [id, job] : jobs_.at(queue)) {
        if (!job.job.lane.empty() && !job.job.dead && job.leased_until > now) {
            lanes.insert(job.job.lane);
        }
    }
    return lanes;
}

Jobs MemoryState::claim(const std::string& queue, Nanos now, Nanos until, std::uint64_t limit) {
    Jobs claimed;
    const auto found = jobs_.find(queue);
    if (found == jobs_.end()) {
        return claimed;
    }
    const auto leased = leased_lanes(queue, now);
    std::vector<MemoryJob*> due;
    for (auto& [id, job] : found->second) {
        if (is_claimable(job, now, leased)) {
            due.push_back(&job);
        }
    }
    std::ranges::sort(due, {},
                      [](const MemoryJob* job) { return std::pair{job->job.due, job->order}; });
    claimed.more = due.size() > limit;
    for (MemoryJob* job : due | std::views::take(limit)) {
        ++job->job.attempt;
        job->job.lease = ++last_lease_;
        job->leased_until = until;
        claimed.jobs.push_back(job->job);
    }
    return claimed;
}

Jobs MemoryState::jobs(const std::string& queue, bool dead, const std::string& after,
                       std::uint64_t limit) const {
    Jobs found;
    const auto known = jobs_.find(queue);
    if (known == jobs_.end()) {
        return found;
    }
    for (auto at = known->second.upper_bound(after); at != known->second.end(); ++at) {
        if (at->second.job.dead != dead) {
            continue;
        }
        if (found.jobs.size() == limit) {
            found.more = true;
            break;
        }
        found.jobs.push_back(at->second.job);
    }
    return found;
}

StorageStats MemoryState::stats() const {
    StorageStats stats{.durability = "none: memory"};
    stats.streams = streams_.size();
    for (const auto& [name, stream] : streams_) {
        stats.entries += stream.entries.size();
        for (const auto& [seq, entry] : stream.entries) {
            stats.bytes += size_of(entry);
        }
    }
    return stats;
}

}  // namespace belfry::test
