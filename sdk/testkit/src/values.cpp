#include "belfry/testkit/values.hpp"

#include <algorithm>
#include <span>

namespace belfry::testkit {
namespace {

using sdk::Array;
using sdk::text_of;
using sdk::view;

std::string owned(bf_str text) { return std::string(view(text)); }
std::string owned(bf_bytes bytes) { return std::string(text_of(bytes)); }

template <class Wire>
const Wire& as(const void* wire) {
    return *static_cast<const Wire*>(wire);
}

sdk::OpResult copy(const bf_op_result& from) {
    sdk::OpResult to;
    to.status = static_cast<sdk::Status>(from.status);
    to.id = owned(from.id);
    if (from.seqs != nullptr) {
        to.seqs.assign(from.seqs, from.seqs + from.count);
    }
    if (from.epochs != nullptr) {
        to.epochs.assign(from.epochs, from.epochs + from.count);
    }
    to.count = from.count;
    to.value = {from.value[0], from.value[1]};
    return to;
}

sdk::Head copy(const bf_head& from) {
    return {owned(from.stream), from.exists != 0, from.epoch,
            from.earliest,      from.head,        from.unread};
}

sdk::Entry copy(const bf_entry& from) {
    return {from.kind,
            from.state,
            from.epoch,
            from.seq,
            from.read_at,
            owned(from.stream),
            std::make_shared<const sdk::Notification>(*from.notification)};
}

}  // namespace

sdk::Committed Copy<sdk::Committed>::of(const void* wire) {
    const auto& from = as<bf_commit_value>(wire);
    sdk::Committed to;
    for (const bf_group_result group : Array<bf_group_result>(from.groups, from.group_count)) {
        auto& one = to.groups.emplace_back();
        one.status = static_cast<sdk::Status>(group.status);
        one.message = owned(group.message);
        if (group.results == nullptr) {
            continue;
        }
        for (const bf_op_result result : Array<bf_op_result>(group.results, group.result_count)) {
            one.results.push_back(copy(result));
        }
    }
    return to;
}

sdk::Heads Copy<sdk::Heads>::of(const void* wire) {
    const auto& from = as<bf_heads_value>(wire);
    sdk::Heads to;
    for (const bf_head head : Array<bf_head>(from.heads, from.count)) {
        to.heads.push_back(copy(head));
    }
    return to;
}

sdk::Page Copy<sdk::Page>::of(const void* wire) {
    const auto& from = as<bf_page>(wire);
    sdk::Page to;
    to.head = copy(*from.head);
    to.more = from.more != 0;
    to.next = from.next;
    for (const bf_entry entry : Array<bf_entry>(from.entries, from.count)) {
        to.entries.push_back(copy(entry));
    }
    return to;
}

sdk::Document Copy<sdk::Document>::of(const void* wire) { return sdk::own(as<bf_document>(wire)); }

sdk::Documents Copy<sdk::Documents>::of(const void* wire) {
    const auto& from = as<bf_documents>(wire);
    sdk::Documents to;
    to.more = from.more != 0;
    for (const bf_document document : Array<bf_document>(from.documents, from.count)) {
        to.documents.push_back(sdk::own(document));
    }
    return to;
}

sdk::Cursors Copy<sdk::Cursors>::of(const void* wire) {
    const auto& from = as<bf_cursors_value>(wire);
    sdk::Cursors to;
    for (const bf_cursor cursor : Array<bf_cursor>(from.cursors, from.count)) {
        to.cursors.push_back(sdk::own(cursor));
    }
    return to;
}

sdk::Jobs Copy<sdk::Jobs>::of(const void* wire) {
    const auto& from = as<bf_jobs_value>(wire);
    sdk::Jobs to;
    to.more = from.more != 0;
    for (const bf_job job : Array<bf_job>(from.jobs, from.count)) {
        to.jobs.push_back(sdk::own(job));
    }
    return to;
}

sdk::Records Copy<sdk::Records>::of(const void* wire) {
    const auto& from = as<bf_records>(wire);
    sdk::Records to{{}, from.more != 0, owned(from.next)};
    for (const auto* record : std::span(from.records, from.count)) {
        to.records.push_back(sdk::own(record));
    }
    return to;
}

sdk::StorageStats Copy<sdk::StorageStats>::of(const void* wire) {
    const auto& from = as<bf_storage_stats>(wire);
    return {from.durable != 0, from.streams, from.entries, from.bytes, owned(from.durability)};
}

sdk::SourceStats Copy<sdk::SourceStats>::of(const void* wire) {
    const auto& from = as<bf_source_stats>(wire);
    return {from.connected != 0, from.lag,        from.in_flight, from.redelivered,
            from.dead,           from.reconnects, from.oldest,    from.dead_letters};
}

Message::Message(const bf_message& from)
    : destination(view(from.destination)), exchange(view(from.exchange)), key(view(from.key)),
      id(view(from.id)), content_type(view(from.content_type)), body(text_of(from.body)),
      coordinates(view(from.coordinates)), time(from.time), attempt(from.attempt),
      token(from.token) {
    for (const bf_pair& pair : std::span(from.headers, from.header_count)) {
        headers.emplace_back(view(pair.name), view(pair.value));
    }
}

std::optional<std::string> Message::header(std::string_view name) const {
    const auto found = std::find_if(headers.begin(), headers.end(),
                                    [name](const auto& header) { return header.first == name; });
    return found == headers.end() ? std::nullopt : std::optional(found->second);
}

std::vector<Message> Copy<std::vector<Message>>::of(const void* wire) {
    const auto& from = as<bf_dead_letters>(wire);
    std::vector<Message> to;
    for (const bf_message message : Array<bf_message>(from.messages, from.count)) {
        to.emplace_back(message);
    }
    return to;
}

sdk::Replayed Copy<sdk::Replayed>::of(const void* wire) { return {as<bf_replayed>(wire).count}; }

sdk::Outcome Copy<sdk::Outcome>::of(const void* wire) {
    const auto& from = as<bf_outcome>(wire);
    return {static_cast<sdk::Verdict>(from.outcome),
            from.code,
            from.retry_after,
            from.duration,
            owned(from.detail),
            owned(from.response)};
}

}  // namespace belfry::testkit
