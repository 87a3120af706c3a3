// The part of the model that is copied out and in.
#include "sdk/testkit/conformance/model.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>

namespace belfry::conformance {

std::vector<sdk::Record> Model::dump() const {
    std::map<std::uint64_t, sdk::BodyRecord> by_ref;
    for (const auto& [id, bodies] : bodies_) {
        for (const auto& body : bodies) {
            const bool has_pair = pairs_.contains({body->note.source, body->note.event_id}) &&
                                  !body->note.event_id.empty();
            if (body->entries != 0 || has_pair) {
                by_ref[body->ref] = {
                    body->kind, has_pair,
                    body->ref,  body->entries,
                    body->hash, std::make_shared<const sdk::Notification>(body->note)};
            }
        }
    }
    std::vector<sdk::Record> records;
    for (auto& [ref, body] : by_ref) {
        records.emplace_back(std::move(body));
    }
    for (const auto& [name, stream] : streams) {
        records.emplace_back(
            sdk::StreamRecord{name, stream.epoch, stream.earliest, stream.head, stream.unread()});
    }
    for (const auto& [name, stream] : streams) {
        for (const auto& [seq, entry] : stream.entries) {
            records.emplace_back(sdk::EntryRecord{name, seq, entry.body->ref, entry.read_at,
                                                  entry.body->kind, entry.state});
        }
    }
    for (const auto& [name, stream] : streams) {
        for (const auto& [device, cursor] : stream.cursors) {
            records.emplace_back(sdk::CursorRecord{name, cursor});
        }
    }
    for (const auto& [name, documents] : collections) {
        for (const auto& [id, document] : documents) {
            auto keys = document.keys;
            std::ranges::sort(keys, {},
                              [](const auto& key) { return std::pair(key.index, key.value); });
            records.emplace_back(sdk::DocumentRecord{
                name, {id, document.version, document.document, id}, std::move(keys)});
        }
    }
    for (const auto& [name, jobs] : queues) {
        for (const auto& [id, job] : jobs) {
            records.emplace_back(sdk::JobRecord{job.job, job.leased_until});
        }
    }
    return records;
}

void Model::load(const sdk::Record& record) {
    std::visit([this](const auto& one) { load_one(one); }, record);
}

void Model::load_one(const sdk::BodyRecord& from) {
    auto body = std::make_shared<ModelBody>();
    body->ref = from.ref;
    body->kind = from.entry_kind;
    body->note = *from.notification;
    body->hash = from.content_hash;
    body->entries = from.entries;
    bodies_[body->note.id].push_back(body);
    by_ref_[body->ref] = body;
    last_ref_ = std::max(last_ref_, from.ref);
    if (from.is_remembered) {
        pairs_[{body->note.source, body->note.event_id}] = body;
    }
}

void Model::load_one(const sdk::StreamRecord& from) {
    auto& stream = streams[from.stream];
    stream.epoch = from.epoch;
    stream.earliest = from.earliest;
    stream.head = from.head;
}

void Model::load_one(const sdk::EntryRecord& from) {
    streams[from.stream].entries[from.seq] = {by_ref_.at(from.ref), from.state, from.read_at};
}

void Model::load_one(const sdk::CursorRecord& from) {
    streams[from.stream].cursors[from.cursor.device] = from.cursor;
}

void Model::load_one(const sdk::DocumentRecord& from) {
    collections[from.collection][from.document.id] = {from.document.version, from.document.document,
                                                      from.keys};
}

void Model::load_one(const sdk::JobRecord& from) {
    queues[from.job.queue][from.job.id] = {from.job, from.leased_until, ++last_order_};
}

}  // namespace belfry::conformance
