#include "daemon/plugin/storage_adapter.hpp"

#include "daemon/plugin/abi_values.hpp"
#include "daemon/plugin/storage_ops.hpp"
#include "daemon/plugin/storage_records.hpp"
#include "daemon/plugin/storage_results.hpp"

#include <utility>
#include <vector>

namespace belfry::plugin {

StorageAdapter::StorageAdapter(Port& port, const void* table)
    : port_(port), table_(fetch<bf_storage>(table).value_or(bf_storage{})) {}

void StorageAdapter::commit(std::span<const Group> groups, Executor& home,
                            Callback<Committed> done) {
    AbiGroups abi(groups);
    Call<Committed>(port_, "commit", home, std::move(done))
        .run(
            table_.commit,
            [&](void* instance, bf_done completion) {
                table_.commit(instance, abi.data(), abi.size(), completion);
            },
            [shape = abi.take_shape()](const void* value) { return to_committed(value, shape); });
}

void StorageAdapter::read(const ReadQuery& query, Executor& home, Callback<Page> done) {
    const bf_read abi{sizeof(bf_read),
                      query.backward ? BF_READ_BACKWARD : 0,
                      str(query.stream),
                      query.after,
                      query.limit,
                      query.max_bytes,
                      query.state_mask,
                      query.state_want,
                      str(query.notification_id),
                      str(query.type)};
    Call<Page>(port_, "read", home, std::move(done))
        .run(
            table_.read,
            [&](void* instance, bf_done completion) { table_.read(instance, &abi, completion); },
            [most = query.limit](const void* value) { return to_page(value, most); });
}

void StorageAdapter::heads(std::span<const std::string> streams, Executor& home,
                           Callback<std::vector<Head>> done) {
    std::vector<bf_str> abi;
    abi.reserve(streams.size());
    for (const std::string& stream : streams) {
        abi.push_back(str(stream));
    }
    Call<std::vector<Head>>(port_, "heads", home, std::move(done))
        .run(
            table_.heads,
            [&](void* instance, bf_done completion) {
                table_.heads(instance, abi.data(), abi.size(), completion);
            },
            [asked = streams.size()](const void* value) -> Result<std::vector<Head>> {
                auto heads = to_heads(value, asked);
                if (heads && heads->size() != asked) {
                    return fail(Code::retry, std::to_string(heads->size()) + " heads for " +
                                                 std::to_string(asked) + " streams");
                }
                return heads;
            });
}

void StorageAdapter::streams(const std::string& after, std::uint64_t limit, Executor& home,
                             Callback<std::vector<Head>> done) {
    Call<std::vector<Head>>(port_, "streams", home, std::move(done))
        .run(
            table_.streams,
            [&](void* instance, bf_done completion) {
                table_.streams(instance, str(after), limit, completion);
            },
            [limit](const void* value) { return to_heads(value, limit); });
}

void StorageAdapter::cursors(const std::string& stream, Executor& home,
                             Callback<std::vector<Cursor>> done) {
    Call<std::vector<Cursor>>(port_, "cursors", home, std::move(done))
        .run(
            table_.cursors,
            [&](void* instance, bf_done completion) {
                table_.cursors(instance, str(stream), completion);
            },
            to_cursors);
}

void StorageAdapter::get(const std::string& collection, const std::string& id, Executor& home,
                         Callback<Document> done) {
    Call<Document>(port_, "get", home, std::move(done))
        .run(
            table_.get,
            [&](void* instance, bf_done completion) {
                table_.get(instance, str(collection), str(id), completion);
            },
            to_document);
}

void StorageAdapter::find(const FindQuery& query, Executor& home, Callback<Documents> done) {
    const bf_find abi{sizeof(bf_find),
                      query.backward ? BF_READ_BACKWARD : 0,
                      str(query.collection),
                      str(query.index),
                      str(query.from),
                      str(query.to),
                      str(query.after_key),
                      str(query.after_id),
                      query.limit};
    Call<Documents>(port_, "find", home, std::move(done))
        .run(
            table_.find,
            [&](void* instance, bf_done completion) { table_.find(instance, &abi, completion); },
            [most = query.limit](const void* value) { return to_documents(value, most); });
}

// NOLINTNEXTLINE(readability-function-size): the interface's
void StorageAdapter::claim(const std::string& queue, Nanos now, Nanos until, std::uint64_t limit,
                           Executor& home, Callback<Jobs> done) {
    Call<Jobs>(port_, "claim", home, std::move(done))
        .run(
            table_.claim,
            [&](void* instance, bf_done completion) {
                table_.claim(instance, str(queue), now, until, limit, completion);
            },
            [limit](const void* value) { return to_jobs(value, limit); });
}

// NOLINTNEXTLINE(readability-function-size): the interface's
void StorageAdapter::jobs(const std::string& queue, bool dead, const std::string& after,
                          std::uint64_t limit, Executor& home, Callback<Jobs> done) {
    Call<Jobs>(port_, "jobs", home, std::move(done))
        .run(
            table_.jobs,
            [&](void* instance, bf_done completion) {
                table_.jobs(instance, str(queue), dead ? BF_JOB_DEAD : BF_JOB_PENDING, str(after),
                            limit, completion);
            },
            [limit](const void* value) { return to_jobs(value, limit); });
}

void StorageAdapter::stats(Executor& home, Callback<StorageStats> done) {
    Call<StorageStats>(port_, "stats", home, std::move(done))
        .run(
            table_.stats,
            [&](void* instance, bf_done completion) { table_.stats(instance, completion); },
            to_stats);
}

void StorageAdapter::backup(const std::string& path, Executor& home, Callback<> done) {
    Call<void>(port_, "backup", home, std::move(done))
        .run(
            table_.backup,
            [&](void* instance, bf_done completion) {
                table_.backup(instance, str(path), completion);
            },
            [](const void* /*value*/) { return Result<>{}; });
}

/// A plugin from before `cursor` is asked for all of the stream's.
void StorageAdapter::cursor(const std::string& stream, const std::string& device, Executor& home,
                            Callback<Cursor> done) {
    Call<Cursor>(port_, "cursor", home, std::move(done))
        .run(
            table_.cursors,
            [&](void* instance, bf_done completion) {
                if (table_.cursor != nullptr) {
                    table_.cursor(instance, str(stream), str(device), completion);
                } else {
                    table_.cursors(instance, str(stream), completion);
                }
            },
            [device](const void* value) { return to_cursor(value, device); });
}

// NOLINTNEXTLINE(readability-function-size): the interface's
void StorageAdapter::dump(const std::string& after, std::uint64_t limit, std::uint64_t max_bytes,
                          Executor& home, Callback<Records> done) {
    Call<Records>(port_, "dump", home, std::move(done))
        .run(
            table_.dump,
            [&](void* instance, bf_done completion) {
                table_.dump(instance, str(after), limit, max_bytes, completion);
            },
            [limit](const void* value) { return to_records(value, limit); });
}

void StorageAdapter::load(std::span<const Record> records, Executor& home, Callback<> done) {
    const AbiRecords abi(records);
    Call<void>(port_, "load", home, std::move(done))
        .run(
            table_.load,
            [&](void* instance, bf_done completion) {
                table_.load(instance, abi.data(), abi.size(), completion);
            },
            [](const void* /*value*/) { return Result<>{}; });
}

}  // namespace belfry::plugin
