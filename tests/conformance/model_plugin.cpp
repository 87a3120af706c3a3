/// The model as a plugin: a storage that keeps every promise but the one that its configuration
/// names, to prove that the conformance kit passes what is right and finds what is wrong. It keeps
/// its data as long as the process lives.
#include "tests/conformance/model_plugin.hpp"

#include <belfry/plugin.hpp>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <regex>
#include <utility>

namespace belfry::model_plugin {
namespace {

using sdk::Done;
using sdk::Status;
using sdk::view;

/// One for each name, for ever.
std::shared_ptr<Data> data_of(const std::string& name) {
    static std::mutex mutex;
    static std::map<std::string, std::shared_ptr<Data>> all;
    const std::lock_guard lock(mutex);
    auto& data = all[name];
    if (!data) {
        data = std::make_shared<Data>();
    }
    return data;
}

std::string member(std::string_view config, const std::string& name) {
    const std::regex pattern("\"" + name + R"("\s*:\s*"([^"]*)\")");
    std::match_results<std::string_view::const_iterator> found;
    return std::regex_search(config.begin(), config.end(), found, pattern) ? found[1].str() : "";
}

class ModelStorage final : public sdk::Storage {
public:
    static constexpr sdk::About kAbout{.name = "storage-model",
                                       .version = "1.0.0",
                                       .summary = "The model of a storage, with planted faults",
                                       .config_schema = R"({"type": "object", "properties": {
        "name": {"type": "string"}, "fault": {"type": "string", "default": ""}}})"};

    ModelStorage(sdk::Env env, std::string_view /*name*/, std::string_view config)
        : Storage(env), fault_(member(config, "fault")), data_(data_of(member(config, "name"))) {}

    void start(Done<> done) override {
        const std::lock_guard lock(data_->mutex);
        if (has("restart-forgets-leases")) {
            data_->last_lease = 0;
        }
        is_open_ = true;
        done.ok();
    }
    void drain(std::int64_t /*deadline*/, Done<> done) override { done.ok(); }
    void stop(Done<> done) override {
        is_open_ = false;
        done.ok();
    }
    sdk::Applied apply(std::string_view /*config*/) override { return sdk::Applied::restart; }

    void commit(sdk::Array<bf_group> groups, Done<sdk::Committed> done) override {
        answer<sdk::Committed>(std::move(done), [&](Data& data) {
            sdk::Committed committed;
            for (const bf_group& group : groups) {
                committed.groups.push_back(commit_group(data, group, fault_));
            }
            const auto failed = std::ranges::find_if(
                committed.groups, [](const auto& group) { return group.status != Status::ok; });
            if (has("fails-neighbours") && failed != committed.groups.end()) {
                const auto first = *failed;
                std::ranges::fill(committed.groups, first);
            }
            return committed;
        });
    }
    void read(const bf_read& query, Done<sdk::Page> done) override {
        answer<sdk::Page>(std::move(done),
                          [&](Data& data) { return read_page(data, query, fault_); });
    }
    void heads(std::span<const bf_str> streams, Done<sdk::Heads> done) override {
        answer<sdk::Heads>(std::move(done), [&](Data& data) {
            sdk::Heads heads;
            for (const auto& stream : streams) {
                heads.heads.push_back(head_of(data, std::string(view(stream)), fault_));
            }
            return heads;
        });
    }
    void streams(std::string_view after, std::uint64_t limit, Done<sdk::Heads> done) override {
        answer<sdk::Heads>(std::move(done), [&](Data& data) {
            sdk::Heads heads;
            auto at = data.model.streams.upper_bound(std::string(after));
            for (; at != data.model.streams.end() && heads.heads.size() < limit; ++at) {
                heads.heads.push_back(head_of(data, at->first, fault_));
            }
            return heads;
        });
    }
    void cursors(std::string_view stream, Done<sdk::Cursors> done) override {
        answer<sdk::Cursors>(std::move(done),
                             [&](Data& data) { return cursors_of(data, stream, {}); });
    }
    void cursor(std::string_view stream, std::string_view device,
                Done<sdk::Cursors> done) override {
        answer<sdk::Cursors>(std::move(done),
                             [&](Data& data) { return cursors_of(data, stream, device); });
    }
    void get(std::string_view collection, std::string_view id, Done<sdk::Document> done) override {
        answer<sdk::Document>(std::move(done), [&](Data& data) {
            const auto& documents = data.model.collections[std::string(collection)];
            const auto found = documents.find(std::string(id));
            if (found == documents.end()) {
                throw sdk::Failure(Status::not_found, "no such document");
            }
            return sdk::Document{found->first, found->second.version, found->second.document,
                                 found->first};
        });
    }
    void find(const bf_find& query, Done<sdk::Documents> done) override {
        answer<sdk::Documents>(std::move(done),
                               [&](Data& data) { return find_documents(data, query, fault_); });
    }
    void claim(std::string_view queue, std::int64_t now, std::int64_t until, std::uint64_t limit,
               Done<sdk::Jobs> done) override {
        answer<sdk::Jobs>(std::move(done), [&](Data& data) {
            return claim_jobs(data, {std::string(queue), now, until, limit}, fault_);
        });
    }
    void jobs(std::string_view queue, std::uint32_t state, std::string_view after,
              std::uint64_t limit, Done<sdk::Jobs> done) override {
        answer<sdk::Jobs>(std::move(done), [&](Data& data) {
            sdk::Jobs jobs;
            const auto& all = data.model.queues[std::string(queue)];
            for (auto at = all.upper_bound(std::string(after)); at != all.end(); ++at) {
                if (at->second.job.state != state) {
                    continue;
                }
                if (jobs.jobs.size() == limit) {
                    jobs.more = true;
                    break;
                }
                jobs.jobs.push_back(at->second.job);
            }
            return jobs;
        });
    }
    void stats(Done<sdk::StorageStats> done) override {
        answer<sdk::StorageStats>(std::move(done), [](Data& data) {
            sdk::StorageStats stats;
            stats.streams = data.model.streams.size();
            for (const auto& [name, stream] : data.model.streams) {
                stats.entries += stream.entries.size();
            }
            stats.bytes = 1;
            stats.durability = "none: in memory";
            return stats;
        });
    }
    void backup(std::string_view path, Done<> done) override {
        answer<sdk::Nothing>(std::move(done), [&](Data& data) {
            if (!std::ofstream(std::string(path))) {
                throw sdk::Failure(Status::unavailable, std::string(path) + " cannot be written");
            }
            const auto copy = data_of(std::string(path));
            for (const auto& record : data.model.dump()) {
                copy->model.load(record);
            }
            copy->last_lease = data.last_lease;
            return sdk::Nothing{};
        });
    }
    void dump(std::string_view after, std::uint64_t limit, std::uint64_t max_bytes,
              Done<sdk::Records> done) override {
        answer<sdk::Records>(std::move(done), [&](Data& data) {
            return dump_page(data, {std::string(after), limit, max_bytes}, fault_);
        });
    }
    void load(std::vector<sdk::Record> records, Done<> done) override {
        answer<sdk::Nothing>(std::move(done), [&](Data& data) {
            load_records(data, std::move(records), fault_);
            return sdk::Nothing{};
        });
    }

private:
    [[nodiscard]] bool has(std::string_view fault) const { return fault_ == fault; }

    template <class Value, class Work>
    void answer(Done<Value> done, Work work) {
        if (!is_open_ && !has("works-when-stopped")) {
            done.fail(Status::closed, "not running");
            return;
        }
        Value value;
        {
            const std::lock_guard lock(data_->mutex);
            value = work(*data_);
        }
        done.ok(value);
    }

    const std::string fault_;
    const std::shared_ptr<Data> data_;
    std::atomic<bool> is_open_ = false;
};

}  // namespace
}  // namespace belfry::model_plugin

BELFRY_PLUGIN(belfry::model_plugin::ModelStorage)
