#include "tests/bench/storage_subject.hpp"

#include <utility>

namespace belfry::bench {
namespace {

using sdk::view;

constexpr std::chrono::milliseconds kLifePatience{300'000};

std::string fault_of(const bf_commit_value& value, std::uint64_t groups, std::uint64_t entries) {
    if (value.group_count != groups) {
        return "commit: expected " + std::to_string(groups) + " results, found " +
               std::to_string(value.group_count);
    }
    std::uint64_t stored = 0;
    for (const bf_group_result group :
         sdk::Array<bf_group_result>(value.groups, value.group_count)) {
        if (group.status != BF_OK) {
            return "commit: a group is not stored: " + std::string(view(group.message));
        }
        for (const bf_op_result result :
             sdk::Array<bf_op_result>(group.results, group.result_count)) {
            stored += result.status == BF_OK ? result.count : 0;
        }
    }
    return stored == entries ? std::string()
                             : "commit: expected " + std::to_string(entries) +
                                   " new entries, found " + std::to_string(stored);
}

std::string fault_of(const bf_page& page, std::uint64_t count) {
    return page.count == count ? std::string()
                               : "read: expected " + std::to_string(count) + " entries, found " +
                                     std::to_string(page.count);
}

std::string fault_of(const bf_heads_value& value, std::uint64_t count) {
    std::uint64_t found = 0;
    for (const bf_head head : sdk::Array<bf_head>(value.heads, value.count)) {
        found += head.exists != 0 ? 1 : 0;
    }
    return found == count ? std::string()
                          : "heads: expected " + std::to_string(count) + " streams, found " +
                                std::to_string(found);
}

}  // namespace

Result<std::unique_ptr<Subject>> Subject::open(const std::string& plugin_file,
                                               const std::string& config) {
    try {
        std::unique_ptr<Subject> subject(new Subject);
        const auto plugin = testkit::Plugin::load(subject->host_, plugin_file);
        subject->instance_.emplace(plugin.create("bench", config));
        subject->table_ = &subject->instance_->table<bf_storage>();
        if (const auto started = subject->instance_->try_start(kLifePatience); !started.ok()) {
            return fail(Code::unavailable, plugin_file + " does not start: " + started.message);
        }
        return subject;
    } catch (const testkit::Failed& failed) {
        return fail(Code::unavailable, failed.what());
    }
}

Subject::~Subject() {
    if (instance_) {
        (void)stop();
    }
}

void Subject::commit(const Groups& groups, std::function<void()> then) {
    const auto done = calls_.begin([count = groups.size(), entries = groups.entries(),
                                    then = std::move(then)](const void* value) {
        then();
        return fault_of(*static_cast<const bf_commit_value*>(value), count, entries);
    });
    table_->commit(instance_->handle(), groups.data(), groups.size(), done);
}

void Subject::read_newest(std::string_view stream, std::uint64_t count) {
    bf_read query{};
    query.size = sizeof query;
    query.flags = BF_READ_BACKWARD;
    query.stream = sdk::str(stream);
    query.limit = count;
    query.max_bytes = UINT64_MAX;
    const auto done = calls_.begin([count](const void* value) {
        return fault_of(*static_cast<const bf_page*>(value), count);
    });
    table_->read(instance_->handle(), &query, done);
}

void Subject::read_heads(const std::vector<bf_str>& streams) {
    const auto done = calls_.begin([count = streams.size()](const void* value) {
        return fault_of(*static_cast<const bf_heads_value*>(value), count);
    });
    table_->heads(instance_->handle(), streams.data(), streams.size(), done);
}

Result<std::string> Subject::durability() {
    auto durability = std::make_shared<std::string>();
    const auto done = calls_.begin([durability](const void* value) {
        const auto& stats = *static_cast<const bf_storage_stats*>(value);
        *durability = view(stats.durability);
        return stats.durable == 1 ? std::string() : "commits are not durable: " + *durability;
    });
    table_->stats(instance_->handle(), done);
    if (auto waited = calls_.wait(1); !waited) {
        return std::unexpected(waited.error());
    }
    return *durability;
}

Result<> Subject::stop() {
    try {
        const auto stopped = instance_->try_stop(kLifePatience);
        instance_.reset();
        if (!stopped.ok()) {
            return fail(Code::unavailable, "the storage does not stop: " + stopped.message);
        }
        if (const auto violations = host_.violations(); !violations.empty()) {
            return fail(Code::invalid, "the storage broke a rule: " + violations.front());
        }
        return {};
    } catch (const testkit::Failed& failed) {
        return fail(Code::unavailable, failed.what());
    }
}

}  // namespace belfry::bench
