#include "tests/support/memory_state.hpp"

#include <algorithm>
#include <ranges>

namespace belfry::test {
namespace {

bool is_unread(const Entry& entry) {
    return entry.kind == EntryKind::notification &&
           (entry.state & (kStateRead | kStateRetracted)) == 0;
}

/// Changes an entry's state; whether it was another one before.
bool mark_entry(MemoryStream& stream, Entry& entry, const Mark& op) {
    constexpr std::uint32_t kMarkable = kStateRead | kStateArchived | kStateSeen;
    const std::uint32_t after = (entry.state & ~(op.clear & kMarkable)) | (op.set & kMarkable);
    if (after == entry.state) {
        return false;
    }
    const bool was_unread = is_unread(entry);
    const bool was_read = (entry.state & kStateRead) != 0;
    entry.state = after;
    if ((after & kStateRead) == 0) {
        entry.read_at = 0;
    } else if (!was_read) {
        entry.read_at = op.time;
    }
    stream.unread += is_unread(entry) ? 1 : 0;
    stream.unread -= was_unread ? 1 : 0;
    return true;
}

std::string version_text(std::uint64_t version) {
    return version == 0 ? "none" : "version " + std::to_string(version);
}

}  // namespace

GroupResult MemoryState::apply(const Group& group) {
    undo_.clear();
    std::vector<OpResult> results;
    for (const Op& op : group) {
        auto result = std::visit([this](const auto& one) { return apply_op(one); }, op);
        if (!result) {
            for (const Undo& undo : undo_ | std::views::reverse) {
                undo();
            }
            undo_.clear();
            return std::unexpected(result.error());
        }
        results.push_back(std::move(*result));
    }
    undo_.clear();
    return results;
}

/// The stream, made if it is not there, and put back as it was if the group fails.
MemoryStream& MemoryState::touch_stream(const std::string& name) {
    const auto found = streams_.find(name);
    if (found == streams_.end()) {
        undo_.emplace_back([this, name] { streams_.erase(name); });
        return streams_.emplace(name, MemoryStream{.epoch = ++last_epoch_, .entries = {}})
            .first->second;
    }
    return found->second;
}

Result<OpResult> MemoryState::apply_op(const Append& op) {
    const Notification& notification = *op.notification;
    const std::pair key{notification.source, notification.event_id};
    if (!notification.event_id.empty()) {
        if (const auto known = known_.find(key); known != known_.end()) {
            if (known->second.content_hash != op.content_hash) {
                return fail(Code::conflict, "event \"" + key.second + "\" of \"" + key.first +
                                                "\" was stored before with other content");
            }
            return known->second.result;
        }
    }
    if (const auto placed = placed_.find(notification.id); op.repeated && placed != placed_.end()) {
        return placed->second;
    }
    OpResult result{.id = notification.id, .epochs = {}, .seqs = {}, .count = op.streams.size()};
    for (const std::string& name : op.streams) {
        MemoryStream& stream = touch_stream(name);
        if (op.kind != EntryKind::notification) {
            undo_.emplace_back([this, name, before = stream] { streams_[name] = before; });
            supersede(stream, op);
        }
        const std::uint64_t seq = ++stream.head;
        const Entry entry{op.kind, 0, seq, 0, op.notification};
        stream.unread += is_unread(entry) ? 1 : 0;
        stream.entries.emplace(seq, entry);
        undo_.emplace_back([this, name, seq, counted = is_unread(entry)] {
            MemoryStream& again = streams_.at(name);
            again.entries.erase(seq);
            again.head = seq - 1;
            again.unread -= counted ? 1 : 0;
        });
        result.epochs.push_back(stream.epoch);
        result.seqs.push_back(seq);
    }
    OpResult repeated = result;
    repeated.duplicate = true;
    placed_[notification.id] = repeated;
    undo_.emplace_back([this, id = notification.id] { placed_.erase(id); });
    if (!notification.event_id.empty()) {
        known_.emplace(key, Known{op.content_hash, std::move(repeated)});
        undo_.emplace_back([this, key] { known_.erase(key); });
    }
    return result;
}

Result<OpResult> MemoryState::apply_op(const Mark& op) {
    OpResult result;
    const auto found = streams_.find(op.stream);
    if (found == streams_.end()) {
        return result;
    }
    MemoryStream& stream = found->second;
    result.value[0] = stream.unread;
    if (op.epoch != 0 && op.epoch != stream.epoch) {
        return result;
    }
    undo_.emplace_back([this, name = op.stream, before = stream] { streams_[name] = before; });
    for (const std::uint64_t seq : op.seqs) {
        if (const auto entry = stream.entries.find(seq); entry != stream.entries.end()) {
            result.count += mark_entry(stream, entry->second, op) ? 1 : 0;
        }
    }
    std::uint64_t walked = 0;
    for (auto& [seq, entry] : stream.entries) {
        if (seq > op.up_to) {
            break;
        }
        if (op.limit != 0 && walked == op.limit) {
            result.value[1] = 1;
            break;
        }
        if (mark_entry(stream, entry, op)) {
            ++result.count;
            ++walked;
        }
    }
    result.value[0] = stream.unread;
    return result;
}

void MemoryState::supersede(MemoryStream& stream, const Append& op) {
    const auto bit = op.kind == EntryKind::revision ? kStateRevised : kStateRetracted;
    for (auto& [seq, entry] : stream.entries) {
        if (entry.notification->id == op.notification->id) {
            stream.unread -= is_unread(entry) ? 1 : 0;
            entry.state |= bit;
            stream.unread += is_unread(entry) ? 1 : 0;
        }
    }
}

void MemoryState::drop_devices(const MoveCursor& op) {
    auto& devices = cursors_[op.stream];
    while (op.keep != 0 && devices.size() > op.keep) {
        devices.erase(std::ranges::min_element(
            devices, {}, [](const auto& device) { return device.second.moved_at; }));
    }
}

Result<OpResult> MemoryState::apply_op(const MoveCursor& op) {
    if (const auto stream = streams_.find(op.stream);
        op.epoch != 0 && (stream == streams_.end() || stream->second.epoch != op.epoch)) {
        return OpResult{};
    }
    auto& devices = cursors_[op.stream];
    const auto found = devices.find(op.device);
    if (found == devices.end()) {
        undo_.emplace_back([this, op, before = devices] { cursors_[op.stream] = before; });
        devices.emplace(op.device, Cursor{op.device, op.delivered, op.read, op.time});
        drop_devices(op);
        return OpResult{};
    }
    undo_.emplace_back(
        [this, op, before = found->second] { cursors_[op.stream][op.device] = before; });
    found->second.delivered = std::max(found->second.delivered, op.delivered);
    found->second.read = std::max(found->second.read, op.read);
    found->second.moved_at = std::max(found->second.moved_at, op.time);
    return OpResult{};
}

void MemoryState::save_document(const std::string& collection, const std::string& id) {
    const auto& documents = collections_[collection].documents;
    const auto found = documents.find(id);
    const MemoryDocument before = found == documents.end() ? MemoryDocument{} : found->second;
    undo_.emplace_back([this, collection, id, before] { write_document(collection, id, before); });
}

/// Version 0 = not there.
void MemoryState::write_document(const std::string& collection, const std::string& id,
                                 MemoryDocument after) {
    Collection& target = collections_[collection];
    if (const auto found = target.documents.find(id); found != target.documents.end()) {
        for (const Key& key : found->second.keys) {
            target.keys.erase({key.index, key.value, id});
        }
        target.documents.erase(found);
    }
    if (after.version != 0) {
        for (const Key& key : after.keys) {
            target.keys.emplace(key.index, key.value, id);
        }
        target.documents.emplace(id, std::move(after));
    }
}

bool MemoryState::is_taken(const Put& op, const Key& key) const {
    const Collection& collection = collections_.at(op.collection);
    const auto is_unique = [&](const std::string& id) {
        return std::ranges::any_of(collection.documents.at(id).keys, [&](const Key& other) {
            return other.index == key.index && other.value == key.value && other.unique;
        });
    };
    for (auto at = collection.keys.lower_bound({key.index, key.value, {}});
         at != collection.keys.end() && std::get<0>(*at) == key.index &&
         std::get<1>(*at) == key.value;
         ++at) {
        const std::string& id = std::get<2>(*at);
        if (id != op.id && (key.unique || is_unique(id))) {
            return true;
        }
    }
    return false;
}

Result<OpResult> MemoryState::apply_op(const Put& op) {
    const std::string what = "document \"" + op.id + "\" of \"" + op.collection + "\"";
    const auto& documents = collections_[op.collection].documents;
    const auto found = documents.find(op.id);
    const std::uint64_t version = found == documents.end() ? 0 : found->second.version;
    if (op.expected_version != kVersionAny && op.expected_version != version) {
        return fail(Code::conflict, what + ": expected " + version_text(op.expected_version) +
                                        ", found " + version_text(version));
    }
    for (const Key& key : op.keys) {
        if (is_taken(op, key)) {
            return fail(Code::conflict,
                        what + ": the value is taken in index \"" + key.index + "\"");
        }
    }
    save_document(op.collection, op.id);
    write_document(op.collection, op.id, {version + 1, op.document, op.keys});
    return OpResult{.id = {}, .epochs = {}, .seqs = {}, .value = {version + 1, 0}};
}

Result<OpResult> MemoryState::apply_op(const Delete& op) {
    const std::string what = "document \"" + op.id + "\" of \"" + op.collection + "\"";
    const auto& documents = collections_[op.collection].documents;
    const auto found = documents.find(op.id);
    if (found == documents.end()) {
        return fail(Code::not_found, what + " is not there");
    }
    if (op.expected_version != kVersionAny && op.expected_version != found->second.version) {
        return fail(Code::conflict, what + ": expected " + version_text(op.expected_version) +
                                        ", found " + version_text(found->second.version));
    }
    save_document(op.collection, op.id);
    write_document(op.collection, op.id, {});
    return OpResult{};
}

Result<OpResult> MemoryState::apply_op(const Owe& op) {
    auto& queue = jobs_[op.queue];
    if (queue.contains(op.id)) {
        return OpResult{.duplicate = true, .id = {}, .epochs = {}, .seqs = {}};
    }
    MemoryJob job;
    job.job.queue = op.queue;
    job.job.id = op.id;
    job.job.lane = op.lane;
    job.job.due = op.due;
    job.job.payload = op.payload;
    job.order = ++last_order_;
    queue.emplace(op.id, std::move(job));
    undo_.emplace_back([this, op] { jobs_[op.queue].erase(op.id); });
    return OpResult{};
}

Result<OpResult> MemoryState::apply_op(const Settle& op) {
    auto& queue = jobs_[op.queue];
    const auto found = queue.find(op.id);
    if (found == queue.end() || op.lease == 0 || found->second.job.lease != op.lease) {
        return fail(Code::conflict, "job \"" + op.id + "\" of queue \"" + op.queue +
                                        "\": the lease is not its own any more");
    }
    MemoryJob& job = found->second;
    undo_.emplace_back([this, op, before = job] { jobs_[op.queue][op.id] = before; });
    switch (op.outcome) {
        case Settle::Outcome::done: queue.erase(found); break;
        case Settle::Outcome::again:
            job.job.due = op.due;
            job.job.lease = 0;
            job.leased_until = 0;
            break;
        case Settle::Outcome::dead:
            job.job.dead = true;
            job.job.reason = op.reason;
            job.leased_until = 0;
            break;
    }
    return OpResult{};
}

std::uint64_t MemoryState::trim_one(const std::string& name, const Trim& op, std::uint64_t budget,
                                    bool& more) {
    MemoryStream& stream = streams_.at(name);
    const auto may_go = [&](const Entry& entry) {
        const Notification& notification = *entry.notification;
        return (op.keep != 0 && stream.head - entry.seq >= op.keep) ||
               (op.older_than != 0 && notification.created_at < op.older_than) ||
               (op.expired_at != 0 && notification.expires_at != 0 &&
                notification.expires_at < op.expired_at);
    };
    std::uint64_t removed = 0;
    undo_.emplace_back([this, name, before = stream] { streams_[name] = before; });
    while (!stream.entries.empty() && may_go(stream.entries.begin()->second)) {
        if (removed == budget) {
            more = true;
            break;
        }
        const auto oldest = stream.entries.begin();
        stream.unread -= is_unread(oldest->second) ? 1 : 0;
        stream.earliest = oldest->first + 1;
        stream.entries.erase(oldest);
        ++removed;
    }
    return removed;
}

Result<OpResult> MemoryState::apply_op(const Trim& op) {
    std::vector<std::string> names;
    if (op.stream.empty()) {
        std::ranges::copy(streams_ | std::views::keys, std::back_inserter(names));
    } else if (streams_.contains(op.stream)) {
        names.push_back(op.stream);
    }
    std::uint64_t removed = 0;
    bool more = false;
    for (const std::string& name : names) {
        removed += trim_one(name, op, op.limit - removed, more);
    }
    return OpResult{.id = {}, .epochs = {}, .seqs = {}, .value = {removed, more ? 1U : 0U}};
}

Result<OpResult> MemoryState::apply_op(const Reset& op) {
    MemoryStream& stream = touch_stream(op.stream);
    undo_.emplace_back([this, name = op.stream, before = stream, devices = cursors_[op.stream]] {
        streams_[name] = before;
        cursors_[name] = devices;
    });
    stream = MemoryStream{.epoch = ++last_epoch_, .entries = {}};
    cursors_.erase(op.stream);
    return OpResult{};
}

}  // namespace belfry::test
