/// A database in a folder of its own, behind the plugin's table.
#pragma once

#include <belfry/testkit/host.hpp>

#include <deque>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::storage_test {

using sdk::Status;
using testkit::Outcome;

/// A folder that goes with this.
class Folder {
public:
    Folder();
    ~Folder();
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    [[nodiscard]] std::string file(std::string_view name) const { return (path_ / name).string(); }

private:
    std::filesystem::path path_;
};

struct Key {
    std::string index;
    std::string value;
    bool is_unique = false;
};

/// One group of operations; owns what they point to.
class Group {
public:
    Group() = default;
    Group(const Group&) = delete;
    Group& operator=(const Group&) = delete;
    Group(Group&&) = default;

    Group& append(sdk::Notification note, std::vector<std::string> streams,
                  std::string_view hash = {}, std::uint32_t kind = BF_ENTRY_NOTIFICATION,
                  std::uint32_t flags = 0);
    Group& mark(std::string_view stream, std::uint32_t set, std::uint32_t clear,
                std::vector<std::uint64_t> seqs, std::uint64_t up_to = 0, std::int64_t time = 1);
    Group& cursor(std::string_view stream, std::string_view device, std::uint64_t delivered,
                  std::uint64_t read);
    Group& put(std::string_view collection, std::string_view id, std::uint64_t version,
               std::string_view document, std::vector<Key> keys = {});
    Group& remove(std::string_view collection, std::string_view id, std::uint64_t version);
    Group& owe(std::string_view queue, std::string_view id, std::int64_t due,
               std::string_view lane = {}, std::string_view payload = {});
    Group& settle(const sdk::Job& job, std::uint32_t outcome, std::int64_t due = 0,
                  std::string_view reason = {});
    Group& trim(bf_op_trim bounds, std::string_view stream = {});
    Group& reset(std::string_view stream);
    Group& unknown();

    [[nodiscard]] bf_group wire() const;

private:
    bf_str keep(std::string_view text);
    bf_bytes keep_bytes(std::string_view text);
    template <class Op>
    Group& add(Op op, std::uint32_t kind);

    std::deque<std::string> texts_;
    std::deque<bf_notification> notes_;
    std::deque<std::vector<bf_str>> names_;
    std::deque<std::vector<std::uint64_t>> numbers_;
    std::deque<std::vector<bf_key>> keys_;
    std::vector<std::shared_ptr<void>> memory_;
    std::vector<const bf_op*> ops_;
};

sdk::Notification note(std::string id);
/// With an event behind it.
sdk::Notification note_of(std::string id, std::string source, std::string event);

class Store {
public:
    /// Starts; throws testkit::Failed where that fails.
    explicit Store(const std::string& path, std::string_view more = {});

    sdk::GroupResult commit(const Group& group);
    std::vector<sdk::GroupResult> commit_all(const std::vector<const Group*>& groups);
    testkit::Pending<sdk::Committed> begin_commit(const std::vector<const Group*>& groups);
    /// Appends one entry and says where.
    std::uint64_t append(const std::string& stream, const std::string& id);

    sdk::Page read(bf_read query);
    sdk::Page read(std::string_view stream, std::uint64_t after = 0, std::uint64_t limit = 10'000);
    sdk::Head head(std::string_view stream);
    sdk::Cursors cursors(std::string_view stream);
    Outcome<sdk::Document> get(std::string_view collection, std::string_view id);
    sdk::Documents find(bf_find query);
    sdk::Jobs claim(std::string_view queue, std::int64_t now, std::int64_t until,
                    std::uint64_t limit);
    sdk::Jobs jobs(std::string_view queue, std::uint32_t state);
    sdk::StorageStats stats();
    Outcome<> backup(std::string_view path);

    testkit::Host host;
    testkit::Plugin plugin;
    testkit::Instance instance;
    const bf_storage& table;
};

/// The configuration for a file; `more` is further members.
std::string config(const std::string& path, std::string_view more = {});

/// What `sql` gives in its first column, one line a row.
std::vector<std::string> query(const std::string& path, const std::string& sql);

}  // namespace belfry::storage_test
