/// Streams as the rest of the daemon uses them: publish, read, mark.
#pragma once

#include "daemon/base/ids.hpp"
#include "daemon/mailbox/ingest.hpp"
#include "daemon/plugin/storage.hpp"

#include <string>
#include <vector>

namespace belfry {

struct MailboxLimits {
    std::size_t recipients = 100'000;
    std::size_t text = 64 * 1024;  ///< of title and of body, in bytes
    std::size_t data = 256 * 1024;
    std::size_t devices = 100;  ///< of a stream whose cursors are kept; those unused longest go
};

/// What a producer wants to be delivered.
struct Draft {
    std::vector<std::string> streams;
    std::string type, title, body;
    std::string data;       ///< kept byte for byte
    std::string data_type;  ///< empty = application/json
    std::int32_t priority = 0;
    std::string collapse_key;
    Nanos expires_at = 0;
    std::string source, event_id;  ///< both or neither: the key of deduplication
    std::string trace;
};

struct Published {
    std::string id;
    bool duplicate = false;  ///< it was published before; id and places are the first one's
    std::vector<std::uint64_t> epochs, seqs;  ///< in the order of the draft's streams
};

/// Thread-safe. Callbacks run on the core's executor, or on the calling thread where the call fails
/// at once.
class Mailbox {
public:
    Mailbox(Ingest& ingest, Storage& storage, const Clock& clock, Random& random,
            const MailboxLimits& limits);

    /// Durable when it succeeds. `invalid` names the member; `conflict`: the key was used for other
    /// content.
    void publish(Draft draft, Callback<Published> done);
    /// What publish would submit, for a caller that composes a group of its own.
    [[nodiscard]] Result<Append> prepare(Draft draft);
    /// Marks entries read, archived, seen or not; -> entries changed and unread left. A long
    /// stretch is several commits, so that others' come between.
    struct Marked {
        std::uint64_t changed = 0;
        std::uint64_t unread = 0;
    };
    void mark(Mark mark, Callback<Marked> done);
    /// Moves a device's cursors forward.
    void acknowledge(MoveCursor cursor, Callback<> done);

    /// One page of a stream, on `home`.
    void read(const ReadQuery& query, Executor& home, Callback<Page> done) {
        storage_.read(query, home, std::move(done));
    }
    void heads(std::span<const std::string> streams, Executor& home,
               Callback<std::vector<Head>> done) {
        storage_.heads(streams, home, std::move(done));
    }
    /// Where a device is in a stream.
    void cursor(const std::string& stream, const std::string& device, Executor& home,
                Callback<Cursor> done) {
        storage_.cursor(stream, device, home, std::move(done));
    }

private:
    [[nodiscard]] Result<> check(const Draft& draft) const;
    [[nodiscard]] Append to_append(Draft draft);
    void mark_more(Mark mark, std::uint64_t changed, Callback<Marked> done);

    Ingest& ingest_;
    Storage& storage_;
    const Clock& clock_;
    const MailboxLimits limits_;
    IdMaker ids_;
};

}  // namespace belfry
