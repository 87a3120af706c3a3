/// The values of DESIGN's words as the daemon holds them: owned, comparable, free of the ABI.
#pragma once

#include "daemon/base/error.hpp"
#include "daemon/base/time.hpp"

#include <belfry/abi.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace belfry {

/// Called once, on the executor the call named.
template <class Value = void>
using Callback = std::move_only_function<void(Result<Value>)>;

/// A fact from outside (CloudEvents 1.0 attributes).
struct Event {
    std::string source, id, type, subject;
    Nanos time = 0;
    std::string content_type;
    std::string data;
    std::vector<std::pair<std::string, std::string>> attributes;
};

/// What a person gets. Immutable once made; payload bytes are kept as they came.
struct Notification {
    std::int32_t priority = 0;
    std::string id, type, title, body;
    std::string data;
    std::string data_type;
    std::string collapse_key;
    Nanos created_at = 0;
    Nanos expires_at = 0;
    std::uint64_t revision = 1;
    std::string source, event_id, trace;
};
using NotificationPtr = std::shared_ptr<const Notification>;

enum class EntryKind : std::uint32_t {
    notification = BF_ENTRY_NOTIFICATION,
    revision = BF_ENTRY_REVISION,
    retraction = BF_ENTRY_RETRACTION,
};

constexpr std::uint32_t kStateRead = BF_STATE_READ;
constexpr std::uint32_t kStateArchived = BF_STATE_ARCHIVED;
constexpr std::uint32_t kStateSeen = BF_STATE_SEEN;
constexpr std::uint32_t kStateRevised = BF_STATE_REVISED;
constexpr std::uint32_t kStateRetracted = BF_STATE_RETRACTED;

/// A notification at a place. The stream is known from the context.
struct Entry {
    EntryKind kind = EntryKind::notification;
    std::uint32_t state = 0;
    std::uint64_t seq = 0;
    Nanos read_at = 0;
    NotificationPtr notification;
};

struct Head {
    bool exists = false;
    std::uint64_t epoch = 0;
    std::uint64_t earliest = 1;
    std::uint64_t head = 0;
    std::uint64_t unread = 0;
    std::string stream;
};

struct Page {
    Head head;
    std::vector<Entry> entries;
    bool more = false;
    std::uint64_t next = 0;  ///< `after` of the next page
};

// ---- operations of a commit group: see sdk/include/belfry/abi/storage.h
// ---------------------------

struct Append {
    EntryKind kind = EntryKind::notification;
    NotificationPtr notification;
    std::string content_hash;
    std::vector<std::string> streams;
    bool repeated = false;  ///< an earlier commit of it had an unknown outcome
};

struct Mark {
    std::string stream;
    std::uint32_t set = 0;
    std::uint32_t clear = 0;
    std::vector<std::uint64_t> seqs;
    std::uint64_t up_to = 0;
    Nanos time = 0;
    std::uint64_t epoch = 0;
    std::uint64_t limit = 0;
};

struct MoveCursor {
    std::string stream, device;
    std::uint64_t delivered = 0;
    std::uint64_t read = 0;
    std::uint64_t epoch = 0;
    Nanos time = 0;
    std::uint64_t keep = 0;
};

constexpr std::uint64_t kVersionNone = BF_VERSION_NONE;
constexpr std::uint64_t kVersionAny = BF_VERSION_ANY;

struct Key {
    std::string index, value;
    bool unique = false;
};

struct Put {
    std::string collection, id;
    std::uint64_t expected_version = kVersionNone;
    std::string document;
    std::vector<Key> keys;
};

struct Delete {
    std::string collection, id;
    std::uint64_t expected_version = kVersionAny;
};

struct Owe {
    std::string queue, id, lane;
    Nanos due = 0;
    std::string payload;
};

struct Settle {
    enum class Outcome : std::uint32_t {
        done = BF_SETTLE_DONE,
        again = BF_SETTLE_AGAIN,
        dead = BF_SETTLE_DEAD,
    };
    Outcome outcome = Outcome::done;
    std::string queue, id;
    std::uint64_t lease = 0;
    Nanos due = 0;
    std::string reason;
};

struct Trim {
    std::string stream;
    Nanos older_than = 0;
    std::uint64_t keep = 0;
    Nanos expired_at = 0;
    std::uint64_t limit = 0;
};

struct Reset {
    std::string stream;
};

using Op = std::variant<Append, Mark, MoveCursor, Put, Delete, Owe, Settle, Trim, Reset>;
using Group = std::vector<Op>;

struct OpResult {
    bool duplicate = false;  ///< append: the first one's id and places follow
    std::string id;
    std::vector<std::uint64_t> epochs, seqs;
    std::uint64_t count = 0;
    std::array<std::uint64_t, 2> value{};
};

/// One per group: the operations' results, or why nothing of the group was stored.
using GroupResult = Result<std::vector<OpResult>>;
using Committed = std::vector<GroupResult>;

struct ReadQuery {
    std::string stream;
    bool backward = false;
    std::uint64_t after = 0;
    std::uint64_t limit = 100;
    std::uint64_t max_bytes = 1 << 20;
    std::uint32_t state_mask = 0;
    std::uint32_t state_want = 0;
    std::string notification_id, type;
};

struct Document {
    std::string id;
    std::uint64_t version = 0;
    std::string document;
    std::string key;
};

struct Documents {
    std::vector<Document> documents;
    bool more = false;
};

struct FindQuery {
    std::string collection, index, from, to, after_key, after_id;
    bool backward = false;
    std::uint64_t limit = 100;
};

struct Cursor {
    std::string device;
    std::uint64_t delivered = 0;
    std::uint64_t read = 0;
    Nanos moved_at = 0;
};

struct Job {
    bool dead = false;
    std::string queue, id, lane;
    Nanos due = 0;
    std::uint64_t attempt = 0;
    std::uint64_t lease = 0;
    std::string payload, reason;
};

struct Jobs {
    std::vector<Job> jobs;
    bool more = false;
};

// ---- what dump gives and load takes -------------------------------------------------------------

struct BodyRecord {
    EntryKind kind = EntryKind::notification;
    bool is_remembered = false;
    std::uint64_t ref = 0;
    std::uint64_t entries = 0;
    std::string content_hash;
    NotificationPtr notification;
};

struct StreamRecord {
    Head head;
};

struct EntryRecord {
    std::string stream;
    std::uint64_t seq = 0;
    std::uint64_t ref = 0;
    Nanos read_at = 0;
    EntryKind kind = EntryKind::notification;
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
    Nanos leased_until = 0;
};

using Record =
    std::variant<BodyRecord, StreamRecord, EntryRecord, CursorRecord, DocumentRecord, JobRecord>;

struct Records {
    std::vector<Record> records;
    bool more = false;
    std::string next;
};

struct StorageStats {
    bool durable = false;
    std::uint64_t streams = 0;
    std::uint64_t entries = 0;
    std::uint64_t bytes = 0;
    std::string durability;
};

}  // namespace belfry
