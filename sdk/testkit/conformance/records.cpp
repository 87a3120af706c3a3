#include "sdk/testkit/conformance/records.hpp"

#include "sdk/testkit/conformance/compare.hpp"
#include "sdk/testkit/conformance/kit.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <sstream>
#include <tuple>

namespace belfry::conformance {
namespace {

/// Numbers and texts of any bytes, so that different members never look the same.
class Line {
public:
    Line& add(const std::string& text) {
        text_ << text.size() << ':' << text << ' ';
        return *this;
    }
    template <class Number>
    Line& add(Number number) {
        text_ << number << ' ';
        return *this;
    }
    [[nodiscard]] std::string str() const { return text_.str(); }

private:
    std::ostringstream text_;
};

void add(Line& line, const sdk::BodyRecord& body) {
    const auto& note = *body.notification;
    line.add("body").add(body.entry_kind).add(body.is_remembered).add(body.ref).add(body.entries);
    line.add(body.content_hash).add(note.priority).add(note.id).add(note.type).add(note.title);
    line.add(note.body).add(note.data).add(note.data_type).add(note.collapse_key);
    line.add(note.created_at).add(note.expires_at).add(note.revision).add(note.source);
    line.add(note.event_id).add(note.trace);
}

void add(Line& line, const sdk::StreamRecord& stream) {
    line.add("stream").add(stream.stream).add(stream.epoch).add(stream.earliest).add(stream.head);
    line.add(stream.unread);
}

void add(Line& line, const sdk::EntryRecord& entry) {
    line.add("entry").add(entry.stream).add(entry.seq).add(entry.ref).add(entry.read_at);
    line.add(entry.entry_kind).add(entry.state);
}

void add(Line& line, const sdk::CursorRecord& record) {
    line.add("cursor").add(record.stream).add(record.cursor.device).add(record.cursor.delivered);
    line.add(record.cursor.read).add(record.cursor.moved_at);
}

void add(Line& line, const sdk::DocumentRecord& record) {
    line.add("document").add(record.collection).add(record.document.id);
    line.add(record.document.version).add(record.document.document);
    for (const auto& key : record.keys) {
        line.add(key.index).add(key.value).add(key.is_unique);
    }
}

void add(Line& line, const sdk::JobRecord& record) {
    const auto& job = record.job;
    line.add("job").add(job.queue).add(job.id).add(job.lane).add(job.due).add(job.state);
    line.add(job.attempt).add(job.lease).add(job.payload).add(job.reason);
    line.add(record.leased_until);
}

/// Where a record belongs: its kind, then what its kind is ordered by.
using DumpPlace = std::tuple<std::size_t, std::string, std::string, std::uint64_t>;

DumpPlace place_of(const sdk::BodyRecord& body) { return {0, "", "", body.ref}; }
DumpPlace place_of(const sdk::StreamRecord& stream) { return {1, stream.stream, "", 0}; }
DumpPlace place_of(const sdk::EntryRecord& entry) { return {2, entry.stream, "", entry.seq}; }
DumpPlace place_of(const sdk::CursorRecord& one) { return {3, one.stream, one.cursor.device, 0}; }
DumpPlace place_of(const sdk::DocumentRecord& one) {
    return {4, one.collection, one.document.id, 0};
}
DumpPlace place_of(const sdk::JobRecord& one) { return {5, one.job.queue, one.job.id, 0}; }

template <class Kind>
std::vector<const Kind*> of_kind(std::span<const sdk::Record> records) {
    std::vector<const Kind*> found;
    for (const auto& record : records) {
        if (const auto* one = std::get_if<Kind>(&record)) {
            found.push_back(one);
        }
    }
    return found;
}

std::string check_bodies(std::span<const sdk::Record> records) {
    std::map<std::uint64_t, std::uint64_t> entries;
    for (const auto* entry : of_kind<sdk::EntryRecord>(records)) {
        ++entries[entry->ref];
    }
    for (const auto* body : of_kind<sdk::BodyRecord>(records)) {
        const auto found = entries.extract(body->ref);
        const auto count = found.empty() ? 0 : found.mapped();
        if (body->ref == 0 || count != body->entries) {
            return "body " + std::to_string(body->ref) + " has " + std::to_string(count) +
                   " entries and says " + std::to_string(body->entries);
        }
        if (body->is_remembered && body->notification->event_id.empty()) {
            return "body " + std::to_string(body->ref) + " is remembered without a pair";
        }
    }
    return entries.empty() ? "" : "no body " + std::to_string(entries.begin()->first);
}

std::string check_streams(std::span<const sdk::Record> records) {
    std::map<std::string, std::vector<const sdk::EntryRecord*>> entries;
    for (const auto* entry : of_kind<sdk::EntryRecord>(records)) {
        entries[entry->stream].push_back(entry);
    }
    for (const auto* stream : of_kind<sdk::StreamRecord>(records)) {
        auto next = stream->earliest;
        std::uint64_t unread = 0;
        std::uint64_t last_ref = 0;
        for (const auto* entry : entries[stream->stream]) {
            if (entry->seq != next++ || entry->ref <= last_ref) {
                return "entry " + std::to_string(entry->seq) + " of " + stream->stream;
            }
            last_ref = entry->ref;
            unread += entry->entry_kind == BF_ENTRY_NOTIFICATION &&
                              (entry->state & (BF_STATE_READ | BF_STATE_RETRACTED)) == 0
                          ? 1
                          : 0;
        }
        if (next != stream->head + 1 || unread != stream->unread) {
            return "stream " + stream->stream + ": head " + std::to_string(stream->head) +
                   ", unread " + std::to_string(stream->unread) + ", found " +
                   std::to_string(next - 1) + " and " + std::to_string(unread);
        }
        entries.erase(stream->stream);
    }
    return entries.empty() ? "" : "no stream " + entries.begin()->first;
}

std::string check_keys(std::span<const sdk::Record> records) {
    for (const auto* document : of_kind<sdk::DocumentRecord>(records)) {
        if (!std::ranges::is_sorted(document->keys, {}, [](const sdk::Key& key) {
                return std::tie(key.index, key.value);
            })) {
            return "the keys of document " + document->document.id + " are out of order";
        }
    }
    return {};
}

std::string check_entries(std::span<const sdk::Record> records, Store& store) {
    std::map<std::uint64_t, const sdk::BodyRecord*> bodies;
    for (const auto* body : of_kind<sdk::BodyRecord>(records)) {
        bodies[body->ref] = body;
    }
    std::map<std::string, std::vector<sdk::Entry>> read;
    for (const auto* entry : of_kind<sdk::EntryRecord>(records)) {
        auto& all = read[entry->stream];
        if (all.empty()) {
            all = read_all(store, query_of(entry->stream));
        }
        const auto found = std::ranges::find(all, entry->seq, &sdk::Entry::seq);
        const auto where = "entry " + std::to_string(entry->seq) + " of " + entry->stream;
        if (found == all.end() || found->state != entry->state ||
            found->kind != entry->entry_kind || found->read_at != entry->read_at) {
            return where + " is read in another way";
        }
        const auto& body = *bodies.at(entry->ref);
        if (auto one = difference(*body.notification, *found->notification); !one.empty()) {
            return where + ": " + one;
        }
        if (body.entry_kind != entry->entry_kind) {
            return where + " is of another kind than its body";
        }
    }
    return {};
}

std::string check_heads(std::span<const sdk::Record> records, Store& store) {
    const auto heads = store.streams("", 10'000);
    const auto streams = of_kind<sdk::StreamRecord>(records);
    if (heads.size() != streams.size()) {
        return std::to_string(streams.size()) + " streams, listed " + std::to_string(heads.size());
    }
    for (std::size_t i = 0; i < heads.size(); ++i) {
        const auto& head = heads[i];
        if (std::tie(head.stream, head.epoch, head.earliest, head.head, head.unread) !=
            std::tie(streams[i]->stream, streams[i]->epoch, streams[i]->earliest, streams[i]->head,
                     streams[i]->unread)) {
            return "stream " + head.stream + " has another head";
        }
    }
    return {};
}

std::string check_rest(std::span<const sdk::Record> records, Store& store) {
    for (const auto* record : of_kind<sdk::CursorRecord>(records)) {
        const auto found = store.cursor(record->stream, record->cursor.device).cursors;
        if (found.size() != 1 || found[0].delivered != record->cursor.delivered ||
            found[0].read != record->cursor.read || found[0].moved_at != record->cursor.moved_at) {
            return "cursor " + record->cursor.device + " of " + record->stream;
        }
    }
    for (const auto* record : of_kind<sdk::DocumentRecord>(records)) {
        const auto found = store.get(record->collection, record->document.id).value;
        if (found.version != record->document.version ||
            found.document != record->document.document) {
            return "document " + record->document.id + " of " + record->collection;
        }
    }
    for (const auto* record : of_kind<sdk::JobRecord>(records)) {
        const auto jobs = store.jobs(record->job.queue, record->job.state, "", 10'000).jobs;
        const auto found = std::ranges::find(jobs, record->job.id, &sdk::Job::id);
        if (found == jobs.end() || found->payload != record->job.payload ||
            found->attempt != record->job.attempt || found->due != record->job.due) {
            return "job " + record->job.id + " of " + record->job.queue;
        }
    }
    return {};
}

}  // namespace

std::vector<sdk::Record> dump_all(Store& store, std::uint64_t limit, std::uint64_t max_bytes) {
    std::vector<sdk::Record> all;
    std::string after;
    for (int pages = 0; pages < 1'000'000; ++pages) {
        auto page = store.dump(after, limit, max_bytes);
        if (page.records.size() > limit || (page.more && page.records.empty())) {
            throw testkit::Failed("dump: " + std::to_string(page.records.size()) +
                                  " records where at most " + std::to_string(limit) +
                                  " were asked for");
        }
        std::ranges::move(page.records, std::back_inserter(all));
        if (!page.more) {
            return all;
        }
        after = page.next;
    }
    throw testkit::Failed("dump: there is always more");
}

std::vector<std::string> texts_of(std::span<const sdk::Record> records) {
    std::vector<std::string> texts;
    texts.reserve(records.size());
    for (const auto& record : records) {
        Line line;
        std::visit([&line](const auto& one) { add(line, one); }, record);
        texts.push_back(line.str());
    }
    return texts;
}

std::string order_fault(std::span<const sdk::Record> records) {
    DumpPlace last{};
    for (std::size_t i = 0; i < records.size(); ++i) {
        auto place = std::visit([](const auto& one) { return place_of(one); }, records[i]);
        if (i != 0 && place <= last) {
            return "record " + std::to_string(i) + ": " + texts_of(records.subspan(i, 1)).at(0);
        }
        last = std::move(place);
    }
    return {};
}

std::string agreement_fault(std::span<const sdk::Record> records) {
    for (const auto& check : {check_bodies, check_streams, check_keys}) {
        if (auto fault = check(records); !fault.empty()) {
            return fault;
        }
    }
    return {};
}

std::string reading_fault(std::span<const sdk::Record> records, Store& store) {
    for (const auto& check : {check_heads, check_entries, check_rest}) {
        if (auto fault = check(records, store); !fault.empty()) {
            return fault;
        }
    }
    return {};
}

}  // namespace belfry::conformance
