#include "sdk/testkit/conformance/group.hpp"

#include <utility>

namespace belfry::conformance {

using sdk::str;

bf_str Group::keep(std::string_view text) { return str(texts_.emplace_back(text)); }

bf_bytes Group::keep_bytes(std::string_view text) {
    return sdk::bytes_of(std::string_view(texts_.emplace_back(text)));
}

template <class Op>
Group& Group::add(Op op, std::uint32_t kind) {
    op.op = {sizeof(Op), kind};
    auto held = std::make_shared<Op>(op);
    ops_.push_back(&held->op);
    memory_.push_back(std::move(held));
    return *this;
}

Group& Group::append(sdk::Notification note, std::vector<std::string> streams,
                     std::string_view hash, std::uint32_t kind, std::uint32_t flags) {
    auto held = std::make_shared<sdk::Notification>(std::move(note));
    memory_.push_back(held);
    auto& names = names_.emplace_back();
    names.reserve(streams.size());
    for (const auto& stream : streams) {
        names.push_back(keep(stream));
    }
    bf_op_append op{};
    op.entry_kind = kind;
    op.flags = flags;
    op.notification = &notes_.emplace_back(held->wire());
    op.content_hash = keep_bytes(hash);
    op.streams = names.data();
    op.stream_count = names.size();
    return add(op, BF_OP_APPEND);
}

Group& Group::mark(std::string_view stream, std::uint32_t set, std::uint32_t clear,
                   std::vector<std::uint64_t> seqs, std::uint64_t up_to, std::int64_t time) {
    bf_op_mark op{};
    op.set = set;
    op.clear = clear;
    op.up_to = up_to;
    op.time = time;
    return mark(stream, op, std::move(seqs));
}

Group& Group::mark(std::string_view stream, bf_op_mark op, std::vector<std::uint64_t> seqs) {
    const auto& held = numbers_.emplace_back(std::move(seqs));
    op.stream = keep(stream);
    op.seqs = held.data();
    op.seq_count = held.size();
    return add(op, BF_OP_MARK);
}

Group& Group::cursor(std::string_view stream, std::string_view device, std::uint64_t delivered,
                     std::uint64_t read) {
    bf_op_cursor op{};
    op.delivered = delivered;
    op.read = read;
    op.time = 1;
    return cursor(stream, device, op);
}

Group& Group::cursor(std::string_view stream, std::string_view device, bf_op_cursor op) {
    op.stream = keep(stream);
    op.device = keep(device);
    return add(op, BF_OP_CURSOR);
}

Group& Group::put(std::string_view collection, std::string_view id, std::uint64_t version,
                  std::string_view document, std::vector<sdk::Key> keys) {
    auto& held = keys_.emplace_back();
    held.reserve(keys.size());
    for (const auto& key : keys) {
        held.push_back({keep(key.index), keep(key.value), key.is_unique ? 1U : 0U});
    }
    return add(bf_op_put{{},
                         keep(collection),
                         keep(id),
                         version,
                         keep_bytes(document),
                         held.data(),
                         held.size()},
               BF_OP_PUT);
}

Group& Group::remove(std::string_view collection, std::string_view id, std::uint64_t version) {
    return add(bf_op_delete{{}, keep(collection), keep(id), version}, BF_OP_DELETE);
}

Group& Group::owe(std::string_view queue, std::string_view id, std::int64_t due,
                  std::string_view lane, std::string_view payload) {
    return add(bf_op_owe{{}, keep(queue), keep(id), keep(lane), due, keep_bytes(payload)},
               BF_OP_OWE);
}

Group& Group::settle(const sdk::Job& job, std::uint32_t outcome, std::int64_t due,
                     std::string_view reason) {
    return add(
        bf_op_settle{{}, outcome, 0, keep(job.queue), keep(job.id), job.lease, due, keep(reason)},
        BF_OP_SETTLE);
}

Group& Group::trim(bf_op_trim bounds, std::string_view stream) {
    bounds.stream = keep(stream);
    return add(bounds, BF_OP_TRIM);
}

Group& Group::reset(std::string_view stream) {
    return add(bf_op_reset{{}, keep(stream)}, BF_OP_RESET);
}

Group& Group::unknown() { return add(bf_op_reset{}, 99); }

bf_group Group::wire() const { return {sizeof(bf_group), 0, ops_.data(), ops_.size()}; }

std::vector<bf_group> wire(const std::vector<const Group*>& groups) {
    std::vector<bf_group> made;
    made.reserve(groups.size());
    for (const auto* group : groups) {
        made.push_back(group->wire());
    }
    return made;
}

sdk::Notification note(std::string id) {
    sdk::Notification made;
    made.id = std::move(id);
    made.type = "test";
    made.title = "title";
    made.created_at = 1'000;
    return made;
}

sdk::Notification note_of(std::string id, std::string source, std::string event) {
    auto made = note(std::move(id));
    made.source = std::move(source);
    made.event_id = std::move(event);
    return made;
}

}  // namespace belfry::conformance
