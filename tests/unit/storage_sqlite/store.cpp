#include "tests/unit/storage_sqlite/store.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <unistd.h>

#include <utility>

namespace belfry::storage_test {

using sdk::str;

Folder::Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "belfry-sqlite-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
        throw testkit::Failed("no temporary folder");
    }
    path_ = name;
}

Folder::~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

bf_str Group::keep(std::string_view text) { return str(texts_.emplace_back(text)); }

bf_bytes Group::keep_bytes(std::string_view text) {
    return sdk::bytes_of(std::string_view(texts_.emplace_back(text)));
}

template <class Op>
Group& Group::add(Op op, std::uint32_t kind) {
    op.op = {sizeof(Op), kind};
    auto held = std::make_shared<Op>(op);
    ops_.push_back(&held->op);
    memory_.push_back(std::move(held));
    return *this;
}

Group& Group::append(sdk::Notification note, std::vector<std::string> streams,
                     std::string_view hash, std::uint32_t kind, std::uint32_t flags) {
    auto held = std::make_shared<sdk::Notification>(std::move(note));
    memory_.push_back(held);
    auto& names = names_.emplace_back();
    for (const auto& stream : streams) {
        names.push_back(keep(stream));
    }
    bf_op_append op{};
    op.entry_kind = kind;
    op.flags = flags;
    op.notification = &notes_.emplace_back(held->wire());
    op.content_hash = keep_bytes(hash);
    op.streams = names.data();
    op.stream_count = names.size();
    return add(op, BF_OP_APPEND);
}

Group& Group::mark(std::string_view stream, std::uint32_t set, std::uint32_t clear,
                   std::vector<std::uint64_t> seqs, std::uint64_t up_to, std::int64_t time) {
    const auto& held = numbers_.emplace_back(std::move(seqs));
    bf_op_mark op{};
    op.set = set;
    op.clear = clear;
    op.stream = keep(stream);
    op.seqs = held.data();
    op.seq_count = held.size();
    op.up_to = up_to;
    op.time = time;
    return add(op, BF_OP_MARK);
}

Group& Group::cursor(std::string_view stream, std::string_view device, std::uint64_t delivered,
                     std::uint64_t read) {
    return add(bf_op_cursor{{}, keep(stream), keep(device), delivered, read}, BF_OP_CURSOR);
}

Group& Group::put(std::string_view collection, std::string_view id, std::uint64_t version,
                  std::string_view document, std::vector<Key> keys) {
    auto& held = keys_.emplace_back();
    for (const auto& key : keys) {
        held.push_back({keep(key.index), keep(key.value), key.is_unique ? 1U : 0U});
    }
    return add(bf_op_put{{},
                         keep(collection),
                         keep(id),
                         version,
                         keep_bytes(document),
                         held.data(),
                         held.size()},
               BF_OP_PUT);
}

Group& Group::remove(std::string_view collection, std::string_view id, std::uint64_t version) {
    return add(bf_op_delete{{}, keep(collection), keep(id), version}, BF_OP_DELETE);
}

Group& Group::owe(std::string_view queue, std::string_view id, std::int64_t due,
                  std::string_view lane, std::string_view payload) {
    return add(bf_op_owe{{}, keep(queue), keep(id), keep(lane), due, keep_bytes(payload)},
               BF_OP_OWE);
}

Group& Group::settle(const sdk::Job& job, std::uint32_t outcome, std::int64_t due,
                     std::string_view reason) {
    return add(
        bf_op_settle{{}, outcome, 0, keep(job.queue), keep(job.id), job.lease, due, keep(reason)},
        BF_OP_SETTLE);
}

Group& Group::trim(bf_op_trim bounds, std::string_view stream) {
    bounds.stream = keep(stream);
    return add(bounds, BF_OP_TRIM);
}

Group& Group::reset(std::string_view stream) {
    return add(bf_op_reset{{}, keep(stream)}, BF_OP_RESET);
}

Group& Group::unknown() { return add(bf_op_reset{}, 99); }

bf_group Group::wire() const { return {sizeof(bf_group), 0, ops_.data(), ops_.size()}; }

sdk::Notification note(std::string id) {
    sdk::Notification made;
    made.id = std::move(id);
    made.type = "test";
    made.title = "title";
    made.created_at = 1'000;
    return made;
}

sdk::Notification note_of(std::string id, std::string source, std::string event) {
    auto made = note(std::move(id));
    made.source = std::move(source);
    made.event_id = std::move(event);
    return made;
}

std::string config(const std::string& path, std::string_view more) {
    return R"({"path":")" + path + "\"" + std::string(more) + "}";
}

Store::Store(const std::string& path, std::string_view more)
    : plugin(testkit::Plugin::load(host, BELFRY_TEST_PLUGIN)),
      instance(plugin.create("store", config(path, more))), table(instance.table<bf_storage>()) {
    instance.start();
}

testkit::Pending<sdk::Committed> Store::begin_commit(const std::vector<const Group*>& groups) {
    std::vector<bf_group> wire;
    wire.reserve(groups.size());
    for (const auto* group : groups) {
        wire.push_back(group->wire());
    }
    auto pending = instance.pending<sdk::Committed>("commit");
    table.commit(instance.handle(), wire.data(), wire.size(), pending.done());
    return pending;
}

std::vector<sdk::GroupResult> Store::commit_all(const std::vector<const Group*>& groups) {
    auto outcome = begin_commit(groups).wait();
    if (!outcome.ok()) {
        throw testkit::Failed("commit: " + outcome.message);
    }
    return std::move(outcome.value.groups);
}

sdk::GroupResult Store::commit(const Group& group) { return commit_all({&group}).at(0); }

std::uint64_t Store::append(const std::string& stream, const std::string& id) {
    return commit(Group().append(note(id), {stream})).results.at(0).seqs.at(0);
}

namespace {

template <class Value, class Call>
Value value_of(Store& store, const char* name, Call call) {
    auto outcome = testkit::await<Value>(store.instance, name, call);
    if (!outcome.ok()) {
        throw testkit::Failed(std::string(name) + ": " + outcome.message);
    }
    return std::move(outcome.value);
}

}  // namespace

sdk::Page Store::read(bf_read query) {
    query.size = sizeof query;
    return value_of<sdk::Page>(*this, "read",
                               [&](bf_done done) { table.read(instance.handle(), &query, done); });
}

sdk::Page Store::read(std::string_view stream, std::uint64_t after, std::uint64_t limit) {
    bf_read query{};
    query.stream = str(stream);
    query.after = after;
    query.limit = limit;
    query.max_bytes = UINT64_MAX;
    return read(query);
}

sdk::Head Store::head(std::string_view stream) {
    const bf_str name = str(stream);
    return value_of<sdk::Heads>(
               *this, "heads",
               [&](bf_done done) { table.heads(instance.handle(), &name, 1, done); })
        .heads.at(0);
}

sdk::Cursors Store::cursors(std::string_view stream) {
    return value_of<sdk::Cursors>(*this, "cursors", [&](bf_done done) {
        table.cursors(instance.handle(), str(stream), done);
    });
}

Outcome<sdk::Document> Store::get(std::string_view collection, std::string_view id) {
    return testkit::await<sdk::Document>(instance, "get", [&](bf_done done) {
        table.get(instance.handle(), str(collection), str(id), done);
    });
}

sdk::Documents Store::find(bf_find query) {
    query.size = sizeof query;
    return value_of<sdk::Documents>(
        *this, "find", [&](bf_done done) { table.find(instance.handle(), &query, done); });
}

sdk::Jobs Store::claim(std::string_view queue, std::int64_t now, std::int64_t until,
                       std::uint64_t limit) {
    return value_of<sdk::Jobs>(*this, "claim", [&](bf_done done) {
        table.claim(instance.handle(), str(queue), now, until, limit, done);
    });
}

sdk::Jobs Store::jobs(std::string_view queue, std::uint32_t state) {
    return value_of<sdk::Jobs>(*this, "jobs", [&](bf_done done) {
        table.jobs(instance.handle(), str(queue), state, {}, 1'000, done);
    });
}

sdk::StorageStats Store::stats() {
    return value_of<sdk::StorageStats>(*this, "stats",
                                       [&](bf_done done) { table.stats(instance.handle(), done); });
}

Outcome<> Store::backup(std::string_view path) {
    return testkit::await<>(instance, "backup", [&](bf_done done) {
        table.backup(instance.handle(), str(path), done);
    });
}

std::vector<std::string> query(const std::string& path, const std::string& sql) {
    const SQLite::Database database(path, SQLite::OPEN_READONLY);
    SQLite::Statement statement(database, sql);
    std::vector<std::string> rows;
    while (statement.executeStep()) {
        rows.push_back(statement.getColumn(0).getString());
    }
    return rows;
}

}  // namespace belfry::storage_test
