/// Storage plugins: derive from Storage. What each call promises: abi/storage.h and sdk/README.md.
#pragma once

#include "belfry/instance.hpp"
#include "belfry/records.hpp"
#include "belfry/types.hpp"

#include <array>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::sdk {

struct OpResult {
    Status status = Status::ok;
    std::string id;
    std::vector<std::uint64_t> epochs;
    std::vector<std::uint64_t> seqs;
    std::uint64_t count = 0;  ///< of entries changed, by a mark
    std::array<std::uint64_t, 2> value{};
};

struct GroupResult {
    Status status = Status::ok;
    std::string message;
    std::vector<OpResult> results;
};

struct Committed {
    std::vector<GroupResult> groups;
};

struct Head {
    std::string stream;
    bool exists = false;
    std::uint64_t epoch = 0;
    std::uint64_t earliest = 0;
    std::uint64_t head = 0;
    std::uint64_t unread = 0;
};

struct Heads {
    std::vector<Head> heads;
};

struct Page {
    Head head;
    std::vector<Entry> entries;
    bool more = false;
    std::uint64_t next = 0;  ///< 0: behind the last entry
};

struct Documents {
    std::vector<Document> documents;
    bool more = false;
};

struct Cursors {
    std::vector<Cursor> cursors;
};

struct Jobs {
    std::vector<Job> jobs;
    bool more = false;
};

struct StorageStats {
    bool durable = false;
    std::uint64_t streams = 0;
    std::uint64_t entries = 0;
    std::uint64_t bytes = 0;
    std::string durability;
};

/// Arguments are borrowed until the call returns. Calls come from any thread, many at once.
class Storage : public Instance {
public:
    static constexpr std::uint16_t kKind = BF_KIND_STORAGE;
    using Instance::Instance;

    virtual void commit(Array<bf_group> groups, Done<Committed> done) = 0;
    virtual void read(const bf_read& query, Done<Page> done) = 0;
    virtual void heads(std::span<const bf_str> streams, Done<Heads> done) = 0;
    virtual void streams(std::string_view after, std::uint64_t limit, Done<Heads> done) = 0;
    virtual void cursors(std::string_view stream, Done<Cursors> done) = 0;
    virtual void get(std::string_view collection, std::string_view id, Done<Document> done) = 0;
    virtual void find(const bf_find& query, Done<Documents> done) = 0;
    virtual void claim(std::string_view queue, std::int64_t now, std::int64_t until,
                       std::uint64_t limit, Done<Jobs> done) = 0;
    virtual void jobs(std::string_view queue, std::uint32_t state, std::string_view after,
                      std::uint64_t limit, Done<Jobs> done) = 0;
    virtual void stats(Done<StorageStats> done) = 0;
    virtual void backup(std::string_view path, Done<> done) = 0;
    virtual void cursor(std::string_view stream, std::string_view device, Done<Cursors> done) = 0;
    virtual void dump(std::string_view after, std::uint64_t limit, std::uint64_t max_bytes,
                      Done<Records> done) = 0;
    virtual void load(std::vector<Record> records, Done<> done) = 0;

    /// The table of the class `Author`, which derives from this.
    template <class Author>
    static bf_storage make_table();
};

// ---- from the values above to the wire
// ------------------------------------------------------------

template <>
struct Wire<Committed> {
    explicit Wire(const Committed& from) {
        groups_.reserve(from.groups.size());
        for (const auto& group : from.groups) {
            auto& results = results_.emplace_back();
            results.reserve(group.results.size());
            for (const auto& one : group.results) {
                results.push_back({sizeof(bf_op_result),
                                   static_cast<std::uint32_t>(one.status),
                                   str(one.id),
                                   one.epochs.data(),
                                   one.seqs.data(),
                                   one.seqs.empty() ? one.count : one.seqs.size(),
                                   {one.value[0], one.value[1]}});
            }
            groups_.push_back({sizeof(bf_group_result), static_cast<std::uint32_t>(group.status),
                               str(group.message), results.empty() ? nullptr : results.data(),
                               results.size()});
        }
        value_ = {sizeof value_, 0, groups_.data(), groups_.size()};
    }
    [[nodiscard]] const void* value() const { return &value_; }

private:
    std::deque<std::vector<bf_op_result>> results_;
    std::vector<bf_group_result> groups_;
    bf_commit_value value_{};
};

inline bf_head wire(const Head& from) {
    return {sizeof(bf_head), from.exists ? 1U : 0U, from.epoch,      from.earliest,
            from.head,       from.unread,           str(from.stream)};
}

template <>
struct Wire<Heads> {
    explicit Wire(const Heads& from) {
        heads_.reserve(from.heads.size());
        for (const auto& head : from.heads) {
            heads_.push_back(wire(head));
        }
        value_ = {sizeof value_, 0, heads_.data(), heads_.size()};
    }
    [[nodiscard]] const void* value() const { return &value_; }

private:
    std::vector<bf_head> heads_;
    bf_heads_value value_{};
};

template <>
struct Wire<Page> {
    explicit Wire(const Page& from) {
        notifications_.reserve(from.entries.size());
        entries_.reserve(from.entries.size());
        for (const auto& entry : from.entries) {
            notifications_.push_back(entry.notification->wire());
            entries_.push_back({sizeof(bf_entry), entry.kind, entry.state, 0, str(entry.stream),
                                entry.epoch, entry.seq, entry.read_at, &notifications_.back()});
        }
        head_ = wire(from.head);
        const auto next =
            from.next != 0 || from.entries.empty() ? from.next : from.entries.back().seq;
        value_ = {sizeof value_,   from.more ? 1U : 0U, &head_,
                  entries_.data(), entries_.size(),     next};
    }
    [[nodiscard]] const void* value() const { return &value_; }

private:
    bf_head head_{};
    std::vector<bf_notification> notifications_;
    std::vector<bf_entry> entries_;
    bf_page value_{};
};

template <>
struct Wire<Document> {
    explicit Wire(const Document& from) : value_(wire(from)) {}
    [[nodiscard]] const void* value() const { return &value_; }

private:
    bf_document value_;
};

template <>
struct Wire<Documents> {
    explicit Wire(const Documents& from) {
        documents_.reserve(from.documents.size());
        for (const auto& document : from.documents) {
            documents_.push_back(wire(document));
        }
        value_ = {sizeof value_, from.more ? 1U : 0U, documents_.data(), documents_.size()};
    }
    [[nodiscard]] const void* value() const { return &value_; }

private:
    std::vector<bf_document> documents_;
    bf_documents value_{};
};

template <>
struct Wire<Cursors> {
    explicit Wire(const Cursors& from) {
        cursors_.reserve(from.cursors.size());
        for (const auto& cursor : from.cursors) {
            cursors_.push_back(wire(cursor));
        }
        value_ = {sizeof value_, 0, cursors_.data(), cursors_.size()};
    }
    [[nodiscard]] const void* value() const { return &value_; }

private:
    std::vector<bf_cursor> cursors_;
    bf_cursors_value value_{};
};

template <>
struct Wire<Jobs> {
    explicit Wire(const Jobs& from) {
        jobs_.reserve(from.jobs.size());
        for (const auto& job : from.jobs) {
            jobs_.push_back(wire(job));
        }
        value_ = {sizeof value_, from.more ? 1U : 0U, jobs_.data(), jobs_.size()};
    }
    [[nodiscard]] const void* value() const { return &value_; }

private:
    std::vector<bf_job> jobs_;
    bf_jobs_value value_{};
};

template <>
struct Wire<StorageStats> {
    explicit Wire(const StorageStats& from)
        : value_{sizeof value_, from.durable ? 1U : 0U, from.streams, from.entries,
                 from.bytes,    str(from.durability)} {}
    [[nodiscard]] const void* value() const { return &value_; }

private:
    bf_storage_stats value_;
};

template <class Author>
// NOLINTNEXTLINE(readability-function-size): a table, function by function
bf_storage Storage::make_table() {
    using detail::kind_of;
    bf_storage table{};
    table.size = sizeof table;
    table.commit = [](void* self, const bf_group* groups, std::uint64_t count, bf_done done) {
        guarded<Committed>(done, [&](auto& own) {
            kind_of<Storage>(self).commit(Array<bf_group>(groups, count), std::move(own));
        });
    };
    table.read = [](void* self, const bf_read* query, bf_done done) {
        guarded<Page>(done,
                      [&](auto& own) { kind_of<Storage>(self).read(*query, std::move(own)); });
    };
    table.heads = [](void* self, const bf_str* streams, std::uint64_t count, bf_done done) {
        guarded<Heads>(done, [&](auto& own) {
            kind_of<Storage>(self).heads(std::span(streams, count), std::move(own));
        });
    };
    table.streams = [](void* self, bf_str after, std::uint64_t limit, bf_done done) {
        guarded<Heads>(done, [&](auto& own) {
            kind_of<Storage>(self).streams(view(after), limit, std::move(own));
        });
    };
    table.cursors = [](void* self, bf_str stream, bf_done done) {
        guarded<Cursors>(
            done, [&](auto& own) { kind_of<Storage>(self).cursors(view(stream), std::move(own)); });
    };
    table.get = [](void* self, bf_str collection, bf_str id, bf_done done) {
        guarded<Document>(done, [&](auto& own) {
            kind_of<Storage>(self).get(view(collection), view(id), std::move(own));
        });
    };
    table.find = [](void* self, const bf_find* query, bf_done done) {
        guarded<Documents>(done,
                           [&](auto& own) { kind_of<Storage>(self).find(*query, std::move(own)); });
    };
    table.claim = [](void* self, bf_str queue, std::int64_t now, std::int64_t until,
                     std::uint64_t limit, bf_done done) {
        guarded<Jobs>(done, [&](auto& own) {
            kind_of<Storage>(self).claim(view(queue), now, until, limit, std::move(own));
        });
    };
    table.jobs = [](void* self, bf_str queue, std::uint32_t state, bf_str after,
                    std::uint64_t limit, bf_done done) {
        guarded<Jobs>(done, [&](auto& own) {
            kind_of<Storage>(self).jobs(view(queue), state, view(after), limit, std::move(own));
        });
    };
    table.stats = [](void* self, bf_done done) {
        guarded<StorageStats>(done,
                              [&](auto& own) { kind_of<Storage>(self).stats(std::move(own)); });
    };
    table.backup = [](void* self, bf_str path, bf_done done) {
        guarded<Nothing>(
            done, [&](auto& own) { kind_of<Storage>(self).backup(view(path), std::move(own)); });
    };
    table.cursor = [](void* self, bf_str stream, bf_str device, bf_done done) {
        guarded<Cursors>(done, [&](auto& own) {
            kind_of<Storage>(self).cursor(view(stream), view(device), std::move(own));
        });
    };
    table.dump = [](void* self, bf_str after, std::uint64_t limit, std::uint64_t max_bytes,
                    bf_done done) {
        guarded<Records>(done, [&](auto& own) {
            kind_of<Storage>(self).dump(view(after), limit, max_bytes, std::move(own));
        });
    };
    table.load = [](void* self, const bf_record* const* records, std::uint64_t count,
                    bf_done done) {
        guarded<Nothing>(done, [&](auto& own) {
            std::vector<Record> owned;
            owned.reserve(count);
            for (const auto* record : std::span(records, count)) {
                owned.push_back(sdk::own(record));
            }
            kind_of<Storage>(self).load(std::move(owned), std::move(own));
        });
    };
    return table;
}

}  // namespace belfry::sdk
