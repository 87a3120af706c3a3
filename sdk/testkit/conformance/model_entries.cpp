// The part of the model that is about streams.
#include "sdk/testkit/conformance/model.hpp"

#include <algorithm>
#include <span>

namespace belfry::conformance {

using sdk::Status;
using sdk::view;

namespace {

constexpr std::uint32_t kOwnBits = BF_STATE_REVISED | BF_STATE_RETRACTED;

bool may_go(const bf_op_trim& op, const ModelStream& stream, std::uint64_t seq,
            const sdk::Notification& note) {
    return (op.keep != 0 && stream.head - seq >= op.keep) ||
           (op.older_than != 0 && note.created_at < op.older_than) ||
           (op.expired_at != 0 && note.expires_at != 0 && note.expires_at < op.expired_at);
}

}  // namespace

/// The stream, made if it is not there.
ModelStream& Model::touch(const std::string& name) {
    const auto [found, is_new] = streams.try_emplace(name);
    if (is_new) {
        found->second.epoch = new_epoch_();
        undo_.emplace_back([this, name] { streams.erase(name); });
    }
    return found->second;
}

void Model::change_entry(const std::string& stream, std::uint64_t seq,
                         const std::function<void(ModelEntry&)>& change) {
    auto& entry = streams.at(stream).entries.at(seq);
    undo_.emplace_back(
        [this, stream, seq, before = entry] { streams.at(stream).entries.at(seq) = before; });
    change(entry);
}

Status Model::append(const bf_op_append& op, sdk::OpResult& result) {
    const auto& note = *op.notification;
    if ((op.flags & BF_APPEND_REPEATED) != 0) {
        for (const auto& body : bodies_[std::string(view(note.id))]) {
            if (body->note.revision == note.revision && body->kind == op.entry_kind) {
                return known(op, body, result);
            }
        }
    }
    if (note.event_id.len != 0) {
        const auto pair =
            pairs_.find({std::string(view(note.source)), std::string(view(note.event_id))});
        if (pair != pairs_.end() && pair->second->hash != sdk::text_of(op.content_hash)) {
            is_uncertain_ = is_uncertain_ || pair->second->entries == 0;
            return Status::conflict;
        }
        if (pair != pairs_.end()) {
            return known(op, pair->second, result);
        }
    }
    return place(op, result);
}

Status Model::known(const bf_op_append& op, const std::shared_ptr<ModelBody>& body,
                    sdk::OpResult& result) {
    is_uncertain_ = is_uncertain_ || body->entries == 0;
    result.id = body->note.id;
    for (const auto& given : std::span(op.streams, op.stream_count)) {
        const auto stream = streams.find(std::string(view(given)));
        auto& epoch = result.epochs.emplace_back(0);
        auto& seq = result.seqs.emplace_back(0);
        if (stream == streams.end()) {
            continue;
        }
        epoch = stream->second.epoch;
        for (const auto& [number, entry] : stream->second.entries) {
            if (entry.body == body) {
                seq = number;
            }
        }
    }
    return Status::duplicate;
}

Status Model::place(const bf_op_append& op, sdk::OpResult& result) {
    auto body = std::make_shared<ModelBody>();
    body->ref = ++last_ref_;
    body->kind = op.entry_kind;
    body->note = sdk::Notification(*op.notification);
    body->hash = sdk::text_of(op.content_hash);
    body->entries = op.stream_count;
    bodies_[body->note.id].push_back(body);
    undo_.emplace_back([this, id = body->note.id] { bodies_.at(id).pop_back(); });
    if (!body->note.event_id.empty()) {
        const Pair pair{body->note.source, body->note.event_id};
        pairs_.emplace(pair, body);
        undo_.emplace_back([this, pair] { pairs_.erase(pair); });
    }
    result.id = body->note.id;
    for (const auto& given : std::span(op.streams, op.stream_count)) {
        const std::string name(view(given));
        auto& stream = touch(name);
        flag_earlier(stream, name, op);
        stream.entries[++stream.head].body = body;
        undo_.emplace_back([this, name] {
            auto& again = streams.at(name);
            again.entries.erase(again.head--);
        });
        result.epochs.push_back(stream.epoch);
        result.seqs.push_back(stream.head);
    }
    return Status::ok;
}

void Model::flag_earlier(ModelStream& stream, const std::string& name, const bf_op_append& op) {
    if (op.entry_kind == BF_ENTRY_NOTIFICATION) {
        return;
    }
    const auto bit = op.entry_kind == BF_ENTRY_REVISION ? BF_STATE_REVISED : BF_STATE_RETRACTED;
    for (const auto& [seq, entry] : stream.entries) {
        if (entry.body->note.id == view(op.notification->id)) {
            change_entry(name, seq, [bit](ModelEntry& one) { one.state |= bit; });
        }
    }
}

Status Model::mark(const bf_op_mark& op, sdk::OpResult& result) {
    const std::string name(view(op.stream));
    const auto found = streams.find(name);
    if (found == streams.end()) {
        return Status::ok;
    }
    auto& stream = found->second;
    result.value[0] = stream.unread();
    if (op.epoch != 0 && op.epoch != stream.epoch) {
        return Status::ok;
    }
    for (const auto seq : std::span(op.seqs, op.seq_count)) {
        result.count += mark_one(name, seq, op) ? 1 : 0;
    }
    std::uint64_t changed = 0;
    for (const auto& [seq, entry] : stream.entries) {
        const auto after = (entry.state & ~(op.clear & ~kOwnBits)) | (op.set & ~kOwnBits);
        if (seq > op.up_to) {
            break;
        }
        if (op.limit != 0 && changed == op.limit && after != entry.state) {
            result.value[1] = 1;
            break;
        }
        changed += mark_one(name, seq, op) ? 1 : 0;
    }
    result.count += changed;
    result.value[0] = stream.unread();
    return Status::ok;
}

bool Model::mark_one(const std::string& stream, std::uint64_t seq, const bf_op_mark& op) {
    const auto& entries = streams.at(stream).entries;
    const auto found = entries.find(seq);
    if (found == entries.end()) {
        return false;
    }
    const auto before = found->second.state;
    const auto after = (before & ~(op.clear & ~kOwnBits)) | (op.set & ~kOwnBits);
    if (after == before) {
        return false;
    }
    change_entry(stream, seq, [&](ModelEntry& entry) {
        entry.state = after;
        if ((after & BF_STATE_READ) == 0) {
            entry.read_at = 0;
        } else if ((before & BF_STATE_READ) == 0) {
            entry.read_at = op.time;
        }
    });
    return true;
}

Status Model::cursor(const bf_op_cursor& op) {
    const std::string name(view(op.stream));
    const std::string device(view(op.device));
    const auto found = streams.find(name);
    if (found == streams.end() || (op.epoch != 0 && op.epoch != found->second.epoch)) {
        return Status::ok;
    }
    auto& cursors = found->second.cursors;
    undo_.emplace_back([this, name, before = cursors] { streams.at(name).cursors = before; });
    const bool is_new = !cursors.contains(device);
    auto& cursor = cursors[device];
    cursor.device = device;
    if (is_new || op.delivered > cursor.delivered || op.read > cursor.read) {
        cursor.moved_at = op.time;
    }
    cursor.delivered = std::max(cursor.delivered, op.delivered);
    cursor.read = std::max(cursor.read, op.read);
    while (is_new && op.keep != 0 && cursors.size() > op.keep) {
        cursors.erase(std::ranges::min_element(
            cursors, {}, [](const auto& one) { return one.second.moved_at; }));
    }
    return Status::ok;
}

Status Model::trim(const bf_op_trim& op, sdk::OpResult& result) {
    bool more = false;
    for (const auto& [name, stream] : streams) {
        if (op.stream.len == 0 || name == view(op.stream)) {
            result.value[0] += trim_one(name, op, op.limit - result.value[0], more);
        }
    }
    result.value[1] = more ? 1 : 0;
    return Status::ok;
}

std::uint64_t Model::trim_one(const std::string& name, const bf_op_trim& op, std::uint64_t budget,
                              bool& more) {
    auto& stream = streams.at(name);
    std::uint64_t removed = 0;
    while (!stream.entries.empty()) {
        const auto oldest = stream.entries.begin();
        if (!may_go(op, stream, oldest->first, oldest->second.body->note)) {
            break;
        }
        if (removed == budget) {
            more = true;
            break;
        }
        undo_.emplace_back([this, name, before = *oldest, earliest = stream.earliest] {
            auto& again = streams.at(name);
            again.entries.insert(before);
            again.earliest = earliest;
            ++before.second.body->entries;
        });
        --oldest->second.body->entries;
        stream.earliest = oldest->first + 1;
        stream.entries.erase(oldest);
        ++removed;
    }
    return removed;
}

Status Model::reset(const bf_op_reset& op) {
    const std::string name(view(op.stream));
    auto& stream = touch(name);
    undo_.emplace_back([this, name, before = stream] {
        streams.at(name) = before;
        for (const auto& [seq, entry] : before.entries) {
            ++entry.body->entries;
        }
    });
    for (const auto& [seq, entry] : stream.entries) {
        --entry.body->entries;
    }
    stream = {};
    stream.epoch = new_epoch_();
    return Status::ok;
}

}  // namespace belfry::conformance
