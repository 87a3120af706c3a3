/// What a storage keeps, as plain containers: the model that the real ones are held against.
#pragma once

#include "daemon/plugin/values.hpp"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace belfry::test {

struct MemoryStream {
    std::uint64_t epoch = 0;
    std::uint64_t earliest = 1;
    std::uint64_t head = 0;
    std::uint64_t unread = 0;
    std::map<std::uint64_t, Entry> entries;
};

struct MemoryDocument {
    std::uint64_t version = 0;
    std::string document;
    std::vector<Key> keys;
};

struct MemoryJob {
    Job job;
    Nanos leased_until = 0;
    std::uint64_t order = 0;  ///< of owing; breaks ties of `due`
};

/// Everything stored. Groups are all or nothing. One thread.
class MemoryState {
public:
    GroupResult apply(const Group& group);

    [[nodiscard]] Head head_of(const std::string& stream) const;
    [[nodiscard]] Page read(const ReadQuery& query) const;
    [[nodiscard]] std::vector<Head> streams(const std::string& after, std::uint64_t limit) const;
    [[nodiscard]] std::vector<Cursor> cursors(const std::string& stream) const;
    [[nodiscard]] Cursor cursor(const std::string& stream, const std::string& device) const;
    [[nodiscard]] Result<Document> get(const std::string& collection, const std::string& id) const;
    [[nodiscard]] Documents find(const FindQuery& query) const;
    Jobs claim(const std::string& queue, Nanos now, Nanos until, std::uint64_t limit);
    [[nodiscard]] Jobs jobs(const std::string& queue, bool dead, const std::string& after,
                            std::uint64_t limit) const;
    [[nodiscard]] StorageStats stats() const;

private:
    using Undo = std::function<void()>;
    struct Known {
        std::string content_hash;
        OpResult result;
    };
    struct Collection {
        std::map<std::string, MemoryDocument> documents;
        std::set<std::tuple<std::string, std::string, std::string>> keys;  ///< index, value, id
    };

    Result<OpResult> apply_op(const Append& op);
    Result<OpResult> apply_op(const Mark& op);
    Result<OpResult> apply_op(const MoveCursor& op);
    Result<OpResult> apply_op(const Put& op);
    Result<OpResult> apply_op(const Delete& op);
    Result<OpResult> apply_op(const Owe& op);
    Result<OpResult> apply_op(const Settle& op);
    Result<OpResult> apply_op(const Trim& op);
    Result<OpResult> apply_op(const Reset& op);

    /// Before `seq`: the storage's own bits of a revision and a retraction.
    static void supersede(MemoryStream& stream, const Append& op);
    void drop_devices(const MoveCursor& op);
    MemoryStream& touch_stream(const std::string& name);
    std::uint64_t trim_one(const std::string& name, const Trim& op, std::uint64_t budget,
                           bool& more);
    void write_document(const std::string& collection, const std::string& id, MemoryDocument after);
    void save_document(const std::string& collection, const std::string& id);
    [[nodiscard]] bool is_taken(const Put& op, const Key& key) const;
    [[nodiscard]] std::set<std::string> leased_lanes(const std::string& queue, Nanos now) const;

    std::map<std::string, MemoryStream> streams_;
    std::map<std::pair<std::string, std::string>, Known> known_;  ///< by source and event id
    std::map<std::string, OpResult> placed_;                      ///< by notification id
    std::map<std::string, std::map<std::string, Cursor>> cursors_;
    std::map<std::string, Collection> collections_;
    std::map<std::string, std::map<std::string, MemoryJob>> jobs_;
    std::uint64_t last_epoch_ = 0;
    std::uint64_t last_lease_ = 0;
    std::uint64_t last_order_ = 0;
    std::vector<Undo> undo_;  ///< of the group under way
};

}  // namespace belfry::test
