#include "daemon/ops/core_operations.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <ctime>
#include <system_error>
#include <utility>

namespace belfry::ops {
namespace {

namespace json = boost::json;

/// "20260131T235959Z"
std::string print_moment(Nanos time) {
    const std::time_t seconds = time / kSecond;
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::array<char, 32> text{};
    const auto size = std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%SZ", &parts);
    return {text.data(), size};
}

/// Nobody but the daemon's user reads what is in there.
Result<> make_folder(const std::string& path) {
    if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) {
        return {};
    }
    return fail(Code::unavailable, path + ": " + std::generic_category().message(errno));
}

void back_up(const StorageParts& parts, const Call& call, Callback<Reply> done) {
    const json::value* given = call.input.get_object().if_contains("name");
    const std::string name = given != nullptr
                                 ? std::string(given->get_string())
                                 : "belfry-" + print_moment(parts.clock.now()) + ".backup";
    if (name.starts_with('.')) {
        done(fail(Code::invalid, "name: expected no dot at its beginning", "/name"));
        return;
    }
    if (auto made = make_folder(parts.backups); !made) {
        done(std::unexpected(std::move(made.error())));
        return;
    }
    const std::string path = parts.backups + '/' + name;
    parts.storage.backup(path, call.home, [path, done = std::move(done)](Result<> stored) mutable {
        if (!stored) {
            done(std::unexpected(std::move(stored.error())));
            return;
        }
        done(Reply{
            .status = 0, .json = json::serialize(json::object{{"path", path}}), .headers = {}});
    });
}

void show(const StorageParts& parts, const Call& call, Callback<Reply> done) {
    parts.storage.stats(call.home, [done = std::move(done)](Result<StorageStats> stats) mutable {
        if (!stats) {
            done(std::unexpected(std::move(stats.error())));
            return;
        }
        done(Reply{.status = 0,
                   .json = json::serialize(json::object{{"durable", stats->durable},
                                                        {"durability", stats->durability},
                                                        {"streams", stats->streams},
                                                        {"entries", stats->entries},
                                                        {"bytes", stats->bytes}}),
                   .headers = {}});
    });
}

Operation backup_operation(const StorageParts& parts) {
    Operation operation;
    operation.name = "storage.backup";
    operation.routes = {{"POST", "/v1/storage/backups"}};
    operation.summary = "Write a consistent copy of everything, while running.";
    operation.access = Access::roles;
    operation.roles = {std::string(kRoleAdmin)};
    operation.body = Body::json;
    operation.input = R"({"type": "object", "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[A-Za-z0-9._-]+$",
                 "description": "A file in the folder backups of the daemon's state; by the time where it is missing."}}})";
    operation.output = R"({"type": "object", "required": ["path"], "properties": {
        "path": {"type": "string"}}})";
    operation.status = 201;
    operation.handler = [parts](const Call& call, Callback<Reply> done) {
        back_up(parts, call, std::move(done));
    };
    return operation;
}

Operation stats_operation(const StorageParts& parts) {
    Operation operation;
    operation.name = "storage.stats";
    operation.routes = {{"GET", "/v1/storage"}};
    operation.summary = "How much is stored, and how safely.";
    operation.access = Access::roles;
    operation.roles = {std::string(kRoleAdmin)};
    operation.input = R"({"type": "object", "properties": {}})";
    operation.output = R"({"type": "object",
        "required": ["durable", "durability", "streams", "entries", "bytes"], "properties": {
        "durable": {"type": "boolean", "description": "Whether what was accepted survives a loss of power."},
        "durability": {"type": "string", "description": "The settings behind it."},
        "streams": {"type": "integer"}, "entries": {"type": "integer"},
        "bytes": {"type": "integer"}}})";
    operation.handler = [parts](const Call& call, Callback<Reply> done) {
        show(parts, call, std::move(done));
    };
    return operation;
}

}  // namespace

Result<> add_storage_operations(Operations& operations, const CoreParts& parts) {
    for (auto* make : {backup_operation, stats_operation}) {
        if (auto added = operations.add(make(parts.storage)); !added) {
            return added;
        }
    }
    return {};
}

}  // namespace belfry::ops
