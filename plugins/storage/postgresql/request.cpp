#include "plugins/storage/postgresql/request.hpp"

#include <algorithm>
#include <cstring>
#include <new>

namespace belfry::postgresql {

Request::Request(const sdk::Array<bf_group>& groups) : arena_(512 * (groups.size() + 1)) {
    groups_.reserve(groups.size());
    for (const auto& group : groups) {
        const auto** ops = make<const bf_op*>(group.op_count);
        for (std::uint64_t i = 0; i < group.op_count; ++i) {
            ops[i] = copy(group.ops[i]);
        }
        groups_.emplace_back(ops, group.op_count);
    }
}

template <class Item>
Item* Request::make(std::size_t count) {
    // NOLINTBEGIN(bugprone-sizeof-expression): an item may be a pointer
    bytes_ += count * sizeof(Item);
    auto* memory = static_cast<Item*>(arena_.allocate(count * sizeof(Item), alignof(Item)));
    // NOLINTEND(bugprone-sizeof-expression)
    return std::uninitialized_value_construct_n(memory, count), memory;
}

template <class Struct>
Struct* Request::take(const void* from, std::size_t size) {
    auto* to = make<Struct>();
    std::memcpy(to, from, std::min(size, sizeof(Struct)));
    return to;
}

void Request::own(bf_bytes& bytes) {
    if (bytes.len == 0) {
        bytes.ptr = nullptr;
        return;
    }
    auto* copy = static_cast<std::uint8_t*>(arena_.allocate(bytes.len, 1));
    std::memcpy(copy, bytes.ptr, bytes.len);
    bytes.ptr = copy;
    bytes_ += bytes.len;
}

void Request::own(bf_str& text) {
    bf_bytes bytes{reinterpret_cast<const std::uint8_t*>(text.ptr), text.len};
    own(bytes);
    text.ptr = reinterpret_cast<const char*>(bytes.ptr);
}

const bf_op* Request::copy_append(const bf_op* from) {
    auto* op = take<bf_op_append>(from, from->size);
    auto* note = take<bf_notification>(op->notification, op->notification->size);
    own_all(note->id, note->type, note->title, note->body, note->data, note->data_type,
            note->collapse_key, note->source, note->event_id, note->trace);
    op->notification = note;
    own(op->content_hash);
    auto* streams = make<bf_str>(op->stream_count);
    for (std::uint64_t i = 0; i < op->stream_count; ++i) {
        streams[i] = op->streams[i];
        own(streams[i]);
    }
    op->streams = streams;
    return &op->op;
}

const bf_op* Request::copy_mark(const bf_op* from) {
    auto* op = take<bf_op_mark>(from, from->size);
    own(op->stream);
    auto* seqs = make<std::uint64_t>(op->seq_count);
    std::copy_n(op->seqs, op->seq_count, seqs);
    op->seqs = seqs;
    return &op->op;
}

const bf_op* Request::copy_put(const bf_op* from) {
    auto* op = take<bf_op_put>(from, from->size);
    own_all(op->collection, op->id, op->document);
    auto* keys = make<bf_key>(op->key_count);
    for (std::uint64_t i = 0; i < op->key_count; ++i) {
        keys[i] = op->keys[i];
        own_all(keys[i].index, keys[i].value);
    }
    op->keys = keys;
    return &op->op;
}

const bf_op* Request::copy(const bf_op* from) {
    switch (from->kind) {
        case BF_OP_APPEND: return copy_append(from);
        case BF_OP_MARK: return copy_mark(from);
        case BF_OP_PUT: return copy_put(from);
        case BF_OP_CURSOR: {
            auto* op = take<bf_op_cursor>(from, from->size);
            own_all(op->stream, op->device);
            return &op->op;
        }
        case BF_OP_DELETE: {
            auto* op = take<bf_op_delete>(from, from->size);
            own_all(op->collection, op->id);
            return &op->op;
        }
        case BF_OP_OWE: {
            auto* op = take<bf_op_owe>(from, from->size);
            own_all(op->queue, op->id, op->lane, op->payload);
            return &op->op;
        }
        case BF_OP_SETTLE: {
            auto* op = take<bf_op_settle>(from, from->size);
            own_all(op->queue, op->id, op->reason);
            return &op->op;
        }
        case BF_OP_TRIM: {
            auto* op = take<bf_op_trim>(from, from->size);
            own(op->stream);
            return &op->op;
        }
        case BF_OP_RESET: {
            auto* op = take<bf_op_reset>(from, from->size);
            own(op->stream);
            return &op->op;
        }
        default: return take<bf_op>(from, from->size);
    }
}

}  // namespace belfry::postgresql
