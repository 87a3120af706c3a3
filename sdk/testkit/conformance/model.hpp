/// What a storage promises, as plain containers: the other side of a comparison.
#pragma once

#include <belfry/storage.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace belfry::conformance {

struct ModelBody {
    std::uint64_t ref = 0;
    std::uint32_t kind = BF_ENTRY_NOTIFICATION;
    sdk::Notification note;
    std::string hash;
    std::uint64_t entries = 0;  ///< that have it
};

struct ModelEntry {
    std::shared_ptr<ModelBody> body;
    std::uint32_t state = 0;
    std::int64_t read_at = 0;
};

struct ModelStream {
    std::uint64_t epoch = 0;
    std::uint64_t earliest = 1;
    std::uint64_t head = 0;
    std::map<std::uint64_t, ModelEntry> entries;
    std::map<std::string, sdk::Cursor> cursors;

    [[nodiscard]] std::uint64_t unread() const;
};

struct ModelDocument {
    std::uint64_t version = 0;  ///< 0 = not there
    std::string document;
    std::vector<sdk::Key> keys;
};

struct ModelJob {
    sdk::Job job;
    std::int64_t leased_until = 0;
    std::uint64_t order = 0;  ///< of owing: the first of those with one `due`
};

/// Takes the same C structs as a storage. One thread.
class Model {
public:
    /// Makes the epochs of new and reset streams.
    explicit Model(std::function<std::uint64_t()> new_epoch) : new_epoch_(std::move(new_epoch)) {}
    Model(const Model&) = delete;
    Model& operator=(const Model&) = delete;

    /// All of it or nothing.
    sdk::GroupResult apply(const bf_group& group);
    /// Makes the last group undone.
    void undo();
    /// Did the last group ask for what a storage may have forgotten, or not?
    [[nodiscard]] bool is_uncertain() const { return is_uncertain_; }

    /// What may be claimed now, in order.
    [[nodiscard]] std::vector<sdk::Job> claimable(const std::string& queue, std::int64_t now,
                                                  std::uint64_t limit) const;
    void lease(const sdk::Job& job, std::int64_t until);

    /// Everything, in the order of bf_storage.dump.
    [[nodiscard]] std::vector<sdk::Record> dump() const;
    void load(const sdk::Record& record);

    std::map<std::string, ModelStream> streams;
    std::map<std::string, std::map<std::string, ModelDocument>> collections;
    std::map<std::string, std::map<std::string, ModelJob>> queues;

    /// Of an index, or by id where it is empty: (value, id), in the order of bytes.
    [[nodiscard]] std::set<std::pair<std::string, std::string>> keys(
        const std::string& collection, const std::string& index) const;

private:
    using Pair = std::pair<std::string, std::string>;

    sdk::GroupResult fail(sdk::Status status, std::string message);
    sdk::Status apply_op(const bf_op& op, sdk::OpResult& result);
    sdk::Status append(const bf_op_append& op, sdk::OpResult& result);
    sdk::Status place(const bf_op_append& op, sdk::OpResult& result);
    sdk::Status known(const bf_op_append& op, const std::shared_ptr<ModelBody>& body,
                      sdk::OpResult& result);
    void flag_earlier(ModelStream& stream, const std::string& name, const bf_op_append& op);
    sdk::Status mark(const bf_op_mark& op, sdk::OpResult& result);
    bool mark_one(const std::string& stream, std::uint64_t seq, const bf_op_mark& op);
    sdk::Status cursor(const bf_op_cursor& op);
    sdk::Status trim(const bf_op_trim& op, sdk::OpResult& result);
    std::uint64_t trim_one(const std::string& name, const bf_op_trim& op, std::uint64_t budget,
                           bool& more);
    sdk::Status reset(const bf_op_reset& op);
    sdk::Status put(const bf_op_put& op, sdk::OpResult& result);
    sdk::Status remove(const bf_op_delete& op);
    sdk::Status owe(const bf_op_owe& op);
    sdk::Status settle(const bf_op_settle& op);

    void load_one(const sdk::BodyRecord& from);
    void load_one(const sdk::StreamRecord& from);
    void load_one(const sdk::EntryRecord& from);
    void load_one(const sdk::CursorRecord& from);
    void load_one(const sdk::DocumentRecord& from);
    void load_one(const sdk::JobRecord& from);

    ModelStream& touch(const std::string& name);
    void change_entry(const std::string& stream, std::uint64_t seq,
                      const std::function<void(ModelEntry&)>& change);
    void save_document(const std::string& collection, const std::string& id);
    [[nodiscard]] bool is_taken(const bf_op_put& op, const bf_key& key) const;

    std::function<std::uint64_t()> new_epoch_;
    std::map<Pair, std::shared_ptr<ModelBody>> pairs_;
    std::map<std::string, std::vector<std::shared_ptr<ModelBody>>> bodies_;  ///< by notification id
    std::map<std::uint64_t, std::shared_ptr<ModelBody>> by_ref_;             ///< loaded
    std::uint64_t last_ref_ = 0;
    std::uint64_t last_order_ = 0;
    std::vector<std::function<void()>> undo_;  ///< of the last group
    bool is_uncertain_ = false;
};

}  // namespace belfry::conformance
