#include "sdk/testkit/conformance/store.hpp"

#include <utility>

namespace belfry::conformance {

using sdk::str;

Store::Store(const testkit::Plugin& plugin, const std::string& config, std::string name)
    : instance(plugin.create(std::move(name), config)), table(instance.table<bf_storage>()) {
    instance.start();
}

template <class Value, class Begin>
Outcome<Value> Store::call(const char* name, Begin begin) {
    const Call<Value> pending(instance, name);
    begin(pending.done());
    return pending.wait();
}

template <class Value, class Begin>
Value Store::value_of(const char* name, Begin begin) {
    auto outcome = call<Value>(name, std::move(begin));
    if (!outcome.ok()) {
        throw testkit::Failed(std::string(name) + " failed with status " +
                              std::to_string(static_cast<std::uint32_t>(outcome.status)) + ": " +
                              outcome.message);
    }
    return std::move(outcome.value);
}

Call<sdk::Committed> Store::begin_commit(const std::vector<const Group*>& groups) {
    const auto given = wire(groups);
    Call<sdk::Committed> pending(instance, "commit");
    table.commit(instance.handle(), given.data(), given.size(), pending.done());
    return pending;
}

std::vector<sdk::GroupResult> Store::commit_all(const std::vector<const Group*>& groups) {
    auto outcome = begin_commit(groups).wait();
    if (!outcome.ok()) {
        throw testkit::Failed("commit: " + outcome.message);
    }
    if (outcome.value.groups.size() != groups.size()) {
        throw testkit::Failed("commit: expected " + std::to_string(groups.size()) +
                              " results, found " + std::to_string(outcome.value.groups.size()));
    }
    return std::move(outcome.value.groups);
}

sdk::GroupResult Store::commit(const Group& group) { return commit_all({&group}).at(0); }

std::uint64_t Store::append(const std::string& stream, const std::string& id) {
    const auto result = commit(Group().append(note(id), {stream}));
    if (result.status != Status::ok) {
        throw testkit::Failed("append to " + stream + ": " + result.message);
    }
    return result.results.at(0).seqs.at(0);
}

sdk::Page Store::read(bf_read query) {
    query.size = sizeof query;
    return value_of<sdk::Page>("read",
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

std::vector<sdk::Head> Store::heads(const std::vector<std::string>& streams) {
    std::vector<bf_str> names;
    names.reserve(streams.size());
    for (const auto& stream : streams) {
        names.push_back(str(stream));
    }
    auto heads = value_of<sdk::Heads>("heads", [&](bf_done done) {
                     table.heads(instance.handle(), names.data(), names.size(), done);
                 }).heads;
    if (heads.size() != streams.size()) {
        throw testkit::Failed("heads: expected " + std::to_string(streams.size()) + ", found " +
                              std::to_string(heads.size()));
    }
    return heads;
}

sdk::Head Store::head(std::string_view stream) { return heads({std::string(stream)}).at(0); }

std::vector<sdk::Head> Store::streams(std::string_view after, std::uint64_t limit) {
    return value_of<sdk::Heads>(
               "streams",
               [&](bf_done done) { table.streams(instance.handle(), str(after), limit, done); })
        .heads;
}

sdk::Cursors Store::cursors(std::string_view stream) {
    return value_of<sdk::Cursors>(
        "cursors", [&](bf_done done) { table.cursors(instance.handle(), str(stream), done); });
}

sdk::Cursors Store::cursor(std::string_view stream, std::string_view device) {
    return value_of<sdk::Cursors>("cursor", [&](bf_done done) {
        table.cursor(instance.handle(), str(stream), str(device), done);
    });
}

Outcome<sdk::Document> Store::get(std::string_view collection, std::string_view id) {
    return call<sdk::Document>(
        "get", [&](bf_done done) { table.get(instance.handle(), str(collection), str(id), done); });
}

sdk::Documents Store::find(bf_find query) {
    query.size = sizeof query;
    return value_of<sdk::Documents>(
        "find", [&](bf_done done) { table.find(instance.handle(), &query, done); });
}

sdk::Jobs Store::claim(std::string_view queue, std::int64_t now, std::int64_t until,
                       std::uint64_t limit) {
    return value_of<sdk::Jobs>("claim", [&](bf_done done) {
        table.claim(instance.handle(), str(queue), now, until, limit, done);
    });
}

sdk::Jobs Store::jobs(std::string_view queue, std::uint32_t state, std::string_view after,
                      std::uint64_t limit) {
    return value_of<sdk::Jobs>("jobs", [&](bf_done done) {
        table.jobs(instance.handle(), str(queue), state, str(after), limit, done);
    });
}

sdk::StorageStats Store::stats() {
    return value_of<sdk::StorageStats>("stats",
                                       [&](bf_done done) { table.stats(instance.handle(), done); });
}

Outcome<> Store::backup(std::string_view path) {
    return call<sdk::Nothing>(
        "backup", [&](bf_done done) { table.backup(instance.handle(), str(path), done); });
}

sdk::Records Store::dump(std::string_view after, std::uint64_t limit, std::uint64_t max_bytes) {
    return value_of<sdk::Records>("dump", [&](bf_done done) {
        table.dump(instance.handle(), str(after), limit, max_bytes, done);
    });
}

Outcome<> Store::load(std::span<const sdk::Record> records) {
    const sdk::WireRecords wire(records);
    return call<sdk::Nothing>("load", [&](bf_done done) {
        table.load(instance.handle(), wire.data(), wire.size(), done);
    });
}

}  // namespace belfry::conformance
