#include "sdk/testkit/conformance/wire_check.hpp"

#include <initializer_list>
#include <span>

namespace belfry::conformance {
namespace {

template <class Struct>
bool is_whole(const Struct& value) {
    return value.size >= sizeof(Struct);
}

bool is_there(const void* pointer, std::uint64_t count) { return count == 0 || pointer != nullptr; }

bool are_there(std::initializer_list<bf_str> texts) {
    for (const auto& text : texts) {
        if (!is_there(text.ptr, text.len)) {
            return false;
        }
    }
    return true;
}

/// The first fault of an array of size-prefixed structs.
template <class Struct, class Check>
std::string fault_in(const Struct* first, std::uint64_t count, const std::string& name,
                     Check check) {
    if (!is_there(first, count)) {
        return name + ": the pointer is NULL, the count " + std::to_string(count);
    }
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto& one = *BF_AT(Struct, first, i);
        const std::string fault = is_whole(one) ? check(one) : "the size is too small";
        if (!fault.empty()) {
            return name + "[" + std::to_string(i) + "]: " + fault;
        }
    }
    return {};
}

std::string fault_of_result(const bf_op_result& result) {
    if (result.status != BF_OK && result.status != BF_DUPLICATE) {
        return "status " + std::to_string(result.status) + " in a group that is ok";
    }
    if ((result.epochs == nullptr) != (result.seqs == nullptr)) {
        return "epochs without seqs, or seqs without epochs";
    }
    return are_there({result.id}) ? "" : "the id's pointer is NULL";
}

std::string fault_of_group(const bf_group_result& group) {
    if (group.status == BF_OK) {
        return fault_in(group.results, group.result_count, "results", fault_of_result);
    }
    if (group.status == BF_DUPLICATE || group.status > BF_CLOSED) {
        return "status " + std::to_string(group.status);
    }
    return group.message.len == 0 ? "a failure without a message" : "";
}

std::string fault_of_head(const bf_head& head) {
    if (!are_there({head.stream})) {
        return "the stream's pointer is NULL";
    }
    if (head.exists == 0) {
        return head.epoch + head.earliest + head.head + head.unread == 0
                   ? ""
                   : "a stream that is not there, with numbers";
    }
    if (head.epoch == 0 || head.earliest == 0 || head.earliest > head.head + 1 ||
        head.unread > head.head + 1 - head.earliest) {
        return "epoch " + std::to_string(head.epoch) + ", earliest " +
               std::to_string(head.earliest) + ", head " + std::to_string(head.head) + ", unread " +
               std::to_string(head.unread);
    }
    return {};
}

std::string fault_of_notification(const bf_notification& note) {
    const bool good = is_whole(note) && is_there(note.data.ptr, note.data.len) &&
                      are_there({note.id, note.type, note.title, note.body, note.data_type,
                                 note.collapse_key, note.source, note.event_id, note.trace});
    return good ? "" : "the notification is not whole";
}

std::string fault_of_entry(const bf_entry& entry) {
    if (entry.notification == nullptr || !are_there({entry.stream})) {
        return "a pointer is NULL";
    }
    return fault_of_notification(*entry.notification);
}

std::string fault_of_cursor(const bf_cursor& cursor) {
    return are_there({cursor.device}) ? "" : "the device's pointer is NULL";
}

std::string fault_of_job(const bf_job& job) {
    const bool good = is_there(job.payload.ptr, job.payload.len) &&
                      are_there({job.queue, job.id, job.lane, job.reason});
    return good ? "" : "a pointer is NULL";
}

template <class Struct>
const Struct& as(const bf_record* record) {
    return *reinterpret_cast<const Struct*>(record);
}

std::string fault_of_record(const bf_record* record) {
    switch (record->kind) {
        case BF_RECORD_BODY: {
            const auto& body = as<bf_record_body>(record);
            if (!is_whole(body.record) || body.record.size < sizeof body) {
                return "the size is too small";
            }
            return body.notification == nullptr ? "no notification"
                                                : fault_of_notification(*body.notification);
        }
        case BF_RECORD_STREAM: return record->size < sizeof(bf_record_stream) ? "size" : "";
        case BF_RECORD_ENTRY: return record->size < sizeof(bf_record_entry) ? "size" : "";
        case BF_RECORD_CURSOR:
            return record->size < sizeof(bf_record_cursor) ||
                           as<bf_record_cursor>(record).cursor == nullptr
                       ? "no cursor"
                       : "";
        case BF_RECORD_DOCUMENT: {
            const auto& document = as<bf_record_document>(record);
            return record->size < sizeof document || document.document == nullptr ||
                           !is_there(document.keys, document.key_count)
                       ? "no document"
                       : "";
        }
        case BF_RECORD_JOB:
            return record->size < sizeof(bf_record_job) || as<bf_record_job>(record).job == nullptr
                       ? "no job"
                       : "";
        default: return "kind " + std::to_string(record->kind);
    }
}

}  // namespace

std::string fault_of(const bf_commit_value& value) {
    return is_whole(value) ? fault_in(value.groups, value.group_count, "groups", fault_of_group)
                           : "the size is too small";
}

std::string fault_of(const bf_page& value) {
    if (!is_whole(value) || value.head == nullptr || !is_whole(*value.head)) {
        return "a page without its members or its head";
    }
    auto fault = fault_of_head(*value.head);
    return fault.empty() ? fault_in(value.entries, value.count, "entries", fault_of_entry) : fault;
}

std::string fault_of(const bf_heads_value& value) {
    return is_whole(value) ? fault_in(value.heads, value.count, "heads", fault_of_head)
                           : "the size is too small";
}

std::string fault_of(const bf_document& value) {
    const bool good = is_whole(value) && value.version != 0 && are_there({value.id, value.key}) &&
                      is_there(value.document.ptr, value.document.len);
    return good ? "" : "the document is not whole";
}

std::string fault_of(const bf_documents& value) {
    return is_whole(value) ? fault_in(value.documents, value.count, "documents",
                                      [](const bf_document& one) { return fault_of(one); })
                           : "the size is too small";
}

std::string fault_of(const bf_cursors_value& value) {
    return is_whole(value) ? fault_in(value.cursors, value.count, "cursors", fault_of_cursor)
                           : "the size is too small";
}

std::string fault_of(const bf_jobs_value& value) {
    return is_whole(value) ? fault_in(value.jobs, value.count, "jobs", fault_of_job)
                           : "the size is too small";
}

std::string fault_of(const bf_storage_stats& value) {
    return is_whole(value) && are_there({value.durability}) ? "" : "the statistics are not whole";
}

std::string fault_of(const bf_records& value) {
    if (!is_whole(value) || !is_there(value.records, value.count) || !are_there({value.next})) {
        return "the records are not whole";
    }
    for (const auto* record : std::span(value.records, value.count)) {
        if (auto fault = record == nullptr ? "NULL" : fault_of_record(record); !fault.empty()) {
            return "a record: " + fault;
        }
    }
    return {};
}

}  // namespace belfry::conformance
