#include "daemon/migrate/storage_digest.hpp"

#include "daemon/mailbox/half_copied.hpp"
#include "daemon/migrate/storage_copy.hpp"

namespace belfry::migrate {
namespace {

/// Feeds a hash with what a record says, each part with its length.
class Feeder {
public:
    explicit Feeder(Sha256& hash) : hash_(hash) {}

    void operator()(const BodyRecord& record) {
        const Notification& note = *record.notification;
        add(static_cast<std::uint64_t>(record.kind), record.is_remembered, record.ref,
            record.entries, record.content_hash);
        add(note.priority, note.id, note.type, note.title, note.body, note.data, note.data_type,
            note.collapse_key, note.created_at, note.expires_at, note.revision, note.source,
            note.event_id, note.trace);
    }
    void operator()(const StreamRecord& record) {
        const Head& head = record.head;
        add(head.stream, head.epoch, head.earliest, head.head, head.unread);
    }
    void operator()(const EntryRecord& record) {
        add(record.stream, record.seq, record.ref, record.read_at,
            static_cast<std::uint64_t>(record.kind), record.state);
    }
    void operator()(const CursorRecord& record) {
        const Cursor& cursor = record.cursor;
        add(record.stream, cursor.device, cursor.delivered, cursor.read, cursor.moved_at);
    }
    void operator()(const DocumentRecord& record) {
        add(record.collection, record.document.id, record.document.version,
            record.document.document, record.keys.size());
        for (const Key& key : record.keys) {
            add(key.index, key.value, key.unique);
        }
    }
    void operator()(const JobRecord& record) {
        const Job& job = record.job;
        add(job.dead, job.queue, job.id, job.lane, job.due, job.attempt, job.lease, job.payload,
            job.reason, record.leased_until);
    }

private:
    void add_one(const std::string& text) { hash_.add_sized(text); }
    template <std::integral Number>
    void add_one(Number number) {
        hash_.add_sized(std::to_string(number));
    }
    template <class... Parts>
    void add(const Parts&... parts) {
        (add_one(parts), ...);
    }

    Sha256& hash_;
};

bool is_migration(const Record& record) {
    const auto* document = std::get_if<DocumentRecord>(&record);
    return document != nullptr && document->collection == kMigrationCollection;
}

}  // namespace

void Digester::add(const Record& record) {
    if (!is_migration(record)) {
        std::visit(Feeder(hashes_.at(record.index())), record);
        ++counts_.at(record.index());
    }
}

Digest Digester::finish() {
    Digest digest;
    for (std::size_t kind = 0; kind < kKinds; ++kind) {
        digest.at(kind) = {counts_.at(kind), hashes_.at(kind).finish()};
    }
    return digest;
}

Result<Digest> digest_of(Storage& storage, Executor& home,
                         const std::function<void(std::uint64_t)>& seen) {
    Digester digester;
    std::uint64_t count = 0;
    Dump dump(storage, home, {});
    while (!dump.ended()) {
        const auto records = dump.next();
        if (!records) {
            return std::unexpected(records.error());
        }
        for (const Record& record : records->records) {
            digester.add(record);
        }
        seen(count += records->records.size());
    }
    return digester.finish();
}

}  // namespace belfry::migrate
