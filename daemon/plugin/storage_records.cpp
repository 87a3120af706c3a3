#include "daemon/plugin/storage_records.hpp"

#include "daemon/plugin/abi_values.hpp"
#include "daemon/plugin/owned_values.hpp"

#include <memory>
#include <string>
#include <utility>
#include <variant>

namespace belfry::plugin {
namespace {

constexpr std::uint64_t kMostKeys = 100'000;

Result<Record> to_body(const void* from) {
    const auto wire = fetch<bf_record_body>(from);
    const auto notification = fetch<bf_notification>(wire->notification);
    if (!notification) {
        return wrong("a body without a notification");
    }
    return BodyRecord{EntryKind{wire->entry_kind},
                      wire->is_remembered != 0,
                      wire->ref,
                      wire->entries,
                      std::string(text(wire->content_hash)),
                      std::make_shared<const Notification>(to_owned(*notification))};
}

Result<Record> to_stream(const void* from) {
    const auto wire = fetch<bf_record_stream>(from);
    return StreamRecord{{true, wire->epoch, wire->earliest, wire->head, wire->unread,
                         std::string(view(wire->stream))}};
}

Result<Record> to_entry(const void* from) {
    const auto wire = fetch<bf_record_entry>(from);
    return EntryRecord{std::string(view(wire->stream)), wire->seq,  wire->ref, wire->read_at,
                       EntryKind{wire->entry_kind},     wire->state};
}

Result<Record> to_cursor_record(const void* from) {
    const auto wire = fetch<bf_record_cursor>(from);
    const auto cursor = fetch<bf_cursor>(wire->cursor);
    return cursor ? Result<Record>(CursorRecord{std::string(view(wire->stream)), to_owned(*cursor)})
                  : wrong("a cursor's record without a cursor");
}

Result<Record> to_document_record(const void* from) {
    const auto wire = fetch<bf_record_document>(from);
    const auto document = fetch<bf_document>(wire->document);
    if (!document || wire->key_count > kMostKeys ||
        (wire->keys == nullptr && wire->key_count != 0)) {
        return wrong("a document's record without a document or its keys");
    }
    DocumentRecord record{std::string(view(wire->collection)), to_owned(*document), {}};
    for (const bf_key& key : std::span(wire->keys, wire->key_count)) {
        record.keys.push_back(
            {std::string(view(key.index)), std::string(view(key.value)), key.unique != 0});
    }
    return record;
}

Result<Record> to_job_record(const void* from) {
    const auto wire = fetch<bf_record_job>(from);
    const auto job = fetch<bf_job>(wire->job);
    return job ? Result<Record>(JobRecord{to_owned(*job), wire->leased_until})
               : wrong("a job's record without a job");
}

Result<Record> to_record(const bf_record* from) {
    const auto record = fetch<bf_record>(from);
    if (!record) {
        return wrong("a record that is not there");
    }
    switch (record->kind) {
        case BF_RECORD_BODY: return to_body(from);
        case BF_RECORD_STREAM: return to_stream(from);
        case BF_RECORD_ENTRY: return to_entry(from);
        case BF_RECORD_CURSOR: return to_cursor_record(from);
        case BF_RECORD_DOCUMENT: return to_document_record(from);
        case BF_RECORD_JOB: return to_job_record(from);
        default: return wrong("a record of the unknown kind " + std::to_string(record->kind));
    }
}

}  // namespace

AbiRecords::AbiRecords(std::span<const Record> records) {
    records_.reserve(records.size());
    for (const Record& record : records) {
        std::visit([this](const auto& one) { add(one); }, record);
    }
}

template <class Struct>
const Struct* AbiRecords::keep(const Struct& value) {
    return &std::get<std::deque<Struct>>(kept_).emplace_back(value);
}

template <class Struct>
void AbiRecords::add(std::uint32_t kind, Struct record) {
    record.record = {sizeof(Struct), kind};
    records_.push_back(&keep(record)->record);
}

void AbiRecords::add(const BodyRecord& from) {
    add(BF_RECORD_BODY, bf_record_body{{},
                                       static_cast<std::uint32_t>(from.kind),
                                       from.is_remembered ? 1U : 0U,
                                       from.ref,
                                       from.entries,
                                       bytes(from.content_hash),
                                       keep(to_abi(*from.notification))});
}

void AbiRecords::add(const StreamRecord& from) {
    const Head& head = from.head;
    add(BF_RECORD_STREAM,
        bf_record_stream{{}, str(head.stream), head.epoch, head.earliest, head.head, head.unread});
}

void AbiRecords::add(const EntryRecord& from) {
    add(BF_RECORD_ENTRY, bf_record_entry{{},
                                         str(from.stream),
                                         from.seq,
                                         from.ref,
                                         from.read_at,
                                         static_cast<std::uint32_t>(from.kind),
                                         from.state});
}

void AbiRecords::add(const CursorRecord& from) {
    add(BF_RECORD_CURSOR, bf_record_cursor{{}, str(from.stream), keep(to_abi(from.cursor))});
}

void AbiRecords::add(const DocumentRecord& from) {
    std::vector<bf_key> keys;
    keys.reserve(from.keys.size());
    for (const Key& key : from.keys) {
        keys.push_back(to_abi(key));
    }
    const auto* kept = keep(keys);
    add(BF_RECORD_DOCUMENT,
        bf_record_document{
            {}, str(from.collection), keep(to_abi(from.document)), kept->data(), kept->size()});
}

void AbiRecords::add(const JobRecord& from) {
    add(BF_RECORD_JOB, bf_record_job{{}, keep(to_abi(from.job)), from.leased_until});
}

Result<Records> to_records(const void* value, std::uint64_t most) {
    const auto known = fetch<bf_records>(value);
    if (!known || known->count > most || (known->records == nullptr && known->count != 0)) {
        return wrong("no records, or more than " + std::to_string(most));
    }
    Records all{{}, known->more != 0, std::string(view(known->next))};
    all.records.reserve(known->count);
    for (const bf_record* from : std::span(known->records, known->count)) {
        auto record = to_record(from);
        if (!record) {
            return std::unexpected(std::move(record.error()));
        }
        all.records.push_back(*std::move(record));
    }
    return all;
}

}  // namespace belfry::plugin
