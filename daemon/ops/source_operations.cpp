#include "daemon/base/time_text.hpp"
#include "daemon/ops/core_operations.hpp"
#include "daemon/ops/dead_letter_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <atomic>
#include <memory>
#include <utility>

namespace belfry::ops {
namespace {

namespace json = boost::json;

constexpr std::uint64_t kDefaultLimit = 100;

json::object describe(const Source& source, const Result<SourceStats>& stats) {
    const SourceStatus status = source.status();
    json::object shown{{"name", source.name()},
                       {"broker", source.broker_name()},
                       {"state", !status.is_standing ? "waiting"
                                 : status.is_paused  ? "paused"
                                                     : "running"}};
    if (!status.reason.empty()) {
        shown["reason"] = status.reason;
    }
    shown["connected"] = stats && stats->connected;
    if (!stats) {
        return shown;
    }
    shown["in_flight"] = stats->in_flight;
    shown["redelivered"] = stats->redelivered;
    shown["dead"] = stats->dead;
    shown["reconnects"] = stats->reconnects;
    if (stats->lag != UINT64_MAX) {
        shown["lag"] = stats->lag;
    }
    if (stats->oldest != 0) {
        shown["oldest"] = to_rfc3339(stats->oldest);
    }
    if (stats->dead_letters != UINT64_MAX) {
        shown["dead_letters"] = stats->dead_letters;
    }
    return shown;
}

/// Collects what the brokers say; answers when the last has.
struct Listing {
    Listing(std::size_t count, Callback<Reply> then)
        : shown(count), left(count), done(std::move(then)) {}

    void answer() {
        done(Reply{.status = 0,
                   .json = json::serialize(
                       json::object{{"sources", json::array(shown.begin(), shown.end())}}),
                   .headers = {}});
    }

    std::vector<json::object> shown;
    std::atomic<std::size_t> left;
    Callback<Reply> done;
};

void list(const Sources& sources, const Call& call, Callback<Reply> done) {
    const auto listing = std::make_shared<Listing>(sources.all().size(), std::move(done));
    if (sources.all().empty()) {
        listing->answer();
    }
    std::size_t index = 0;
    for (const auto& source : sources.all()) {
        source->broker().source_stats(
            source->name(), call.home,
            [listing, &source = *source, index](const Result<SourceStats>& stats) {
                listing->shown[index] = describe(source, stats);
                if (listing->left.fetch_sub(1) == 1) {
                    listing->answer();
                }
            });
        ++index;
    }
}

Result<const Source*> find(const Sources& sources, const json::object& input) {
    const std::string_view name = input.at("name").as_string();
    const Source* source = sources.find(name);
    if (source == nullptr) {
        return fail(Code::not_found, "no such source");
    }
    return source;
}

std::uint64_t limit_of(const json::object& input) {
    const json::value* limit = input.if_contains("limit");
    return limit == nullptr ? kDefaultLimit : limit->to_number<std::uint64_t>();
}

void list_dead(const Sources& sources, const Call& call, Callback<Reply> done) {
    const json::object& input = call.input.get_object();
    const auto source = find(sources, input);
    if (!source) {
        done(std::unexpected(source.error()));
        return;
    }
    const bool with_bodies = input.contains("body") && input.at("body").as_bool();
    (*source)->broker().dead_letters(
        (*source)->name(), limit_of(input), call.home,
        [with_bodies, done = std::move(done)](Result<std::vector<Message>> messages) mutable {
            if (!messages) {
                done(std::unexpected(std::move(messages.error())));
                return;
            }
            done(Reply{
                .status = 0,
                .json = R"({"dead_letters":)" + print_dead_letters(*messages, with_bodies) + '}',
                .headers = {}});
        });
}

void replay(const Sources& sources, const Clock& clock, const Call& call, Callback<Reply> done) {
    const json::object& input = call.input.get_object();
    const auto source = find(sources, input);
    if (!source) {
        done(std::unexpected(source.error()));
        return;
    }
    Nanos before = clock.now();
    if (const json::value* given = input.if_contains("before")) {
        const auto time = parse_rfc3339(given->get_string());
        if (!time) {
            done(fail(Code::invalid, "before: expected an RFC 3339 time", "/before"));
            return;
        }
        before = *time;
    }
    (*source)->broker().replay(
        (*source)->name(), limit_of(input), before, call.home,
        [before, done = std::move(done)](Result<std::uint64_t> count) mutable {
            if (!count) {
                done(std::unexpected(std::move(count.error())));
                return;
            }
            done(Reply{.status = 0,
                       .json = json::serialize(
                           json::object{{"replayed", *count}, {"before", to_rfc3339(before)}}),
                       .headers = {}});
        });
}

Operation for_admins(std::string name, Route route, std::string summary) {
    Operation operation;
    operation.name = std::move(name);
    operation.routes = {std::move(route)};
    operation.summary = std::move(summary);
    operation.access = Access::roles;
    operation.roles = {std::string(kRoleAdmin)};
    return operation;
}

Operation list_operation(const CoreParts& parts) {
    auto operation = for_admins("sources.list", {"GET", "/v1/sources"},
                                "What is consumed from brokers, and how it goes.");
    operation.input = R"({"type": "object", "properties": {}})";
    operation.output = R"({"type": "object", "required": ["sources"], "properties": {
        "sources": {"type": "array", "items": {"type": "object",
            "required": ["name", "broker", "state", "connected"], "properties": {
            "name": {"type": "string"}, "broker": {"type": "string"},
            "state": {"type": "string", "enum": ["running", "paused", "waiting"],
                      "description": "paused: the storage is full or away; waiting: not consumed yet, it is tried again."},
            "reason": {"type": "string", "description": "Why it does not run."},
            "connected": {"type": "boolean"},
            "lag": {"type": "integer", "description": "Waiting at the broker; missing where it is not known, as below."},
            "oldest": {"type": "string", "format": "date-time", "description": "Of these."},
            "in_flight": {"type": "integer", "description": "Taken and not yet settled."},
            "redelivered": {"type": "integer"}, "dead": {"type": "integer", "description": "Since the start."},
            "dead_letters": {"type": "integer", "description": "Waiting to be looked at."},
            "reconnects": {"type": "integer"}}}}}})";
    operation.handler = [&sources = parts.sources](const Call& call, Callback<Reply> done) {
        list(sources, call, std::move(done));
    };
    return operation;
}

Operation dead_letters_operation(const CoreParts& parts) {
    auto operation = for_admins("sources.dead_letters", {"GET", "/v1/sources/{name}/dead-letters"},
                                "The oldest dead letters of a source; they stay.");
    operation.input = R"({"type": "object", "required": ["name"], "properties": {
        "name": {"type": "string"},
        "limit": {"type": "integer", "minimum": 1, "maximum": 1000, "description": "100 where it is missing."},
        "body": {"type": "boolean", "description": "With headers and body."}}})";
    operation.output = R"({"type": "object", "required": ["dead_letters"], "properties": {
        "dead_letters": {"type": "array", "items": )" +
                       std::string(kDeadLetterSchema) + "}}}";
    operation.handler = [&sources = parts.sources](const Call& call, Callback<Reply> done) {
        list_dead(sources, call, std::move(done));
    };
    return operation;
}

Operation replay_operation(const CoreParts& parts) {
    auto operation =
        for_admins("sources.replay", {"POST", "/v1/sources/{name}/replay"},
                   "Send the oldest dead letters of a source back to where they came from.");
    operation.body = Body::json;
    operation.input = R"({"type": "object", "required": ["name"], "properties": {
        "name": {"type": "string"},
        "limit": {"type": "integer", "minimum": 1, "maximum": 1000, "description": "100 where it is missing."},
        "before": {"type": "string", "format": "date-time",
                   "description": "Only what died before; now where it is missing. Repeat the answer's, so that what dies again is left alone."}}})";
    operation.output = R"({"type": "object", "required": ["replayed", "before"], "properties": {
        "replayed": {"type": "integer", "description": "0 = none is left."},
        "before": {"type": "string", "format": "date-time"}}})";
    operation.handler = [&sources = parts.sources, &clock = parts.storage.clock](
                            const Call& call, Callback<Reply> done) {
        replay(sources, clock, call, std::move(done));
    };
    return operation;
}

}  // namespace

Result<> add_source_operations(Operations& operations, const CoreParts& parts) {
    for (auto* make : {list_operation, dead_letters_operation, replay_operation}) {
        if (auto added = operations.add(make(parts)); !added) {
            return added;
        }
    }
    return {};
}

}  // namespace belfry::ops
