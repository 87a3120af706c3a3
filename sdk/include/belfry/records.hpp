/// What dump gives and load takes: everything a storage keeps, piece by piece (abi/storage.h).
#pragma once

#include "belfry/types.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

namespace belfry::sdk {

struct Document {
    std::string id;
    std::uint64_t version = 0;
    std::string document;
    std::string key;
};

struct Key {
    std::string index, value;
    bool is_unique = false;
};

struct Cursor {
    std::string device;
    std::uint64_t delivered = 0;
    std::uint64_t read = 0;
    std::int64_t moved_at = 0;
};

struct Job {
    std::uint32_t state = BF_JOB_PENDING;
    std::string queue, id, lane;
    std::int64_t due = 0;
    std::uint64_t attempt = 0;
    std::uint64_t lease = 0;
    std::string payload;
    std::string reason;
};

struct BodyRecord {
    std::uint32_t entry_kind = BF_ENTRY_NOTIFICATION;
    bool is_remembered = false;
    std::uint64_t ref = 0;
    std::uint64_t entries = 0;
    std::string content_hash;
    std::shared_ptr<const Notification> notification;
};

struct StreamRecord {
    std::string stream;
    std::uint64_t epoch = 0;
    std::uint64_t earliest = 0;
    std::uint64_t head = 0;
    std::uint64_t unread = 0;
};

struct EntryRecord {
    std::string stream;
    std::uint64_t seq = 0;
    std::uint64_t ref = 0;
    std::int64_t read_at = 0;
    std::uint32_t entry_kind = BF_ENTRY_NOTIFICATION;
    std::uint32_t state = 0;
};

struct CursorRecord {
    std::string stream;
    Cursor cursor;
};

struct DocumentRecord {
    std::string collection;
    Document document;
    std::vector<Key> keys;
};

struct JobRecord {
    Job job;
    std::int64_t leased_until = 0;
};

using Record =
    std::variant<BodyRecord, StreamRecord, EntryRecord, CursorRecord, DocumentRecord, JobRecord>;

struct Records {
    std::vector<Record> records;
    bool more = false;
    std::string next;
};

inline bf_document wire(const Document& from) {
    return {sizeof(bf_document), 0, str(from.id), from.version, bytes_of(from.document),
            str(from.key)};
}

inline bf_cursor wire(const Cursor& from) {
    return {sizeof(bf_cursor), 0, str(from.device), from.delivered, from.read, from.moved_at};
}

inline bf_job wire(const Job& from) {
    return {sizeof(bf_job),         from.state,      str(from.queue), str(from.id),
            str(from.lane),         from.due,        from.attempt,    from.lease,
            bytes_of(from.payload), str(from.reason)};
}

inline Document own(const bf_document& from) {
    return {std::string(view(from.id)), from.version, std::string(text_of(from.document)),
            std::string(view(from.key))};
}

inline Cursor own(const bf_cursor& from) {
    return {std::string(view(from.device)), from.delivered, from.read, from.moved_at};
}

inline Job own(const bf_job& from) {
    return {from.state,
            std::string(view(from.queue)),
            std::string(view(from.id)),
            std::string(view(from.lane)),
            from.due,
            from.attempt,
            from.lease,
            std::string(text_of(from.payload)),
            std::string(view(from.reason))};
}

/// Records for the wire; borrows from the records given.
class WireRecords {
public:
    explicit WireRecords(std::span<const Record> records) {
        records_.reserve(records.size());
        for (const auto& record : records) {
            std::visit([this](const auto& one) { add(one); }, record);
        }
    }
    [[nodiscard]] const bf_record* const* data() const { return records_.data(); }
    [[nodiscard]] std::uint64_t size() const { return records_.size(); }

private:
    template <class Struct>
    static bf_record head(std::uint32_t kind) {
        return {sizeof(Struct), kind};
    }
    template <class Struct>
    void keep(const Struct& record) {
        records_.push_back(&std::get<std::deque<Struct>>(kept_).emplace_back(record).record);
    }
    template <class Struct>
    const Struct* part(const Struct& value) {
        return &std::get<std::deque<Struct>>(parts_).emplace_back(value);
    }

    void add(const BodyRecord& from) {
        keep(bf_record_body{head<bf_record_body>(BF_RECORD_BODY), from.entry_kind,
                            from.is_remembered ? 1U : 0U, from.ref, from.entries,
                            bytes_of(from.content_hash), part(from.notification->wire())});
    }
    void add(const StreamRecord& from) {
        keep(bf_record_stream{head<bf_record_stream>(BF_RECORD_STREAM), str(from.stream),
                              from.epoch, from.earliest, from.head, from.unread});
    }
    void add(const EntryRecord& from) {
        keep(bf_record_entry{head<bf_record_entry>(BF_RECORD_ENTRY), str(from.stream), from.seq,
                             from.ref, from.read_at, from.entry_kind, from.state});
    }
    void add(const CursorRecord& from) {
        keep(bf_record_cursor{head<bf_record_cursor>(BF_RECORD_CURSOR), str(from.stream),
                              part(wire(from.cursor))});
    }
    void add(const DocumentRecord& from) {
        auto& keys = keys_.emplace_back();
        keys.reserve(from.keys.size());
        for (const auto& key : from.keys) {
            keys.push_back({str(key.index), str(key.value), key.is_unique ? 1U : 0U});
        }
        keep(bf_record_document{head<bf_record_document>(BF_RECORD_DOCUMENT), str(from.collection),
                                part(wire(from.document)), keys.data(), keys.size()});
    }
    void add(const JobRecord& from) {
        keep(bf_record_job{head<bf_record_job>(BF_RECORD_JOB), part(wire(from.job)),
                           from.leased_until});
    }

    std::tuple<std::deque<bf_record_body>, std::deque<bf_record_stream>,
               std::deque<bf_record_entry>, std::deque<bf_record_cursor>,
               std::deque<bf_record_document>, std::deque<bf_record_job>>
        kept_;
    std::tuple<std::deque<bf_notification>, std::deque<bf_cursor>, std::deque<bf_document>,
               std::deque<bf_job>>
        parts_;
    std::deque<std::vector<bf_key>> keys_;
    std::vector<const bf_record*> records_;
};

template <>
struct Wire<Records> {
    explicit Wire(const Records& from)
        : records_(from.records), value_{sizeof value_, from.more ? 1U : 0U, str(from.next),
                                         records_.data(), records_.size()} {}
    [[nodiscard]] const void* value() const { return &value_; }

private:
    WireRecords records_;
    bf_records value_;
};

namespace detail {

/// What of `from` this side knows; the rest reads as zero.
template <class Struct, class From>
Struct known(const From* from) {
    Struct to{};
    const std::uint32_t size = *reinterpret_cast<const std::uint32_t*>(from);
    std::memcpy(static_cast<void*>(&to), from, size < sizeof(Struct) ? size : sizeof(Struct));
    return to;
}

inline Record own_body(const bf_record* from) {
    const auto wire = known<bf_record_body>(from);
    return BodyRecord{
        wire.entry_kind,
        wire.is_remembered != 0,
        wire.ref,
        wire.entries,
        std::string(text_of(wire.content_hash)),
        std::make_shared<const Notification>(known<bf_notification>(wire.notification))};
}

inline Record own_stream(const bf_record* from) {
    const auto wire = known<bf_record_stream>(from);
    return StreamRecord{std::string(view(wire.stream)), wire.epoch, wire.earliest, wire.head,
                        wire.unread};
}

inline Record own_entry(const bf_record* from) {
    const auto wire = known<bf_record_entry>(from);
    return EntryRecord{std::string(view(wire.stream)),
                       wire.seq,
                       wire.ref,
                       wire.read_at,
                       wire.entry_kind,
                       wire.state};
}

inline Record own_document(const bf_record* from) {
    const auto wire = known<bf_record_document>(from);
    DocumentRecord record{
        std::string(view(wire.collection)), own(known<bf_document>(wire.document)), {}};
    for (const bf_key& key : std::span(wire.keys, wire.key_count)) {
        record.keys.push_back(
            {std::string(view(key.index)), std::string(view(key.value)), key.unique != 0});
    }
    return record;
}

}  // namespace detail

/// Throws Failure(refused) for a kind that is not known.
inline Record own(const bf_record* from) {
    switch (from->kind) {
        case BF_RECORD_BODY: return detail::own_body(from);
        case BF_RECORD_STREAM: return detail::own_stream(from);
        case BF_RECORD_ENTRY: return detail::own_entry(from);
        case BF_RECORD_CURSOR: {
            const auto wire = detail::known<bf_record_cursor>(from);
            return CursorRecord{std::string(view(wire.stream)),
                                own(detail::known<bf_cursor>(wire.cursor))};
        }
        case BF_RECORD_DOCUMENT: return detail::own_document(from);
        case BF_RECORD_JOB: {
            const auto wire = detail::known<bf_record_job>(from);
            return JobRecord{own(detail::known<bf_job>(wire.job)), wire.leased_until};
        }
        default:
            throw Failure(Status::refused,
                          "record " + std::to_string(from->kind) + " is not known here");
    }
}

}  // namespace belfry::sdk
