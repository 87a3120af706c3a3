#include "daemon/ops/presence_operations.hpp"

#include "daemon/live/presence_document.hpp"
#include "daemon/ops/mailbox_target.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <set>
#include <string>
#include <utility>

namespace belfry::ops {
namespace {

namespace json = boost::json;

Reply to_reply(const std::string& user, const live::PresenceDocument& known) {
    json::object out{{"user", user}, {"online", known.is_online}};
    if (known.since != 0) {
        out["since"] = to_rfc3339(known.since);
    }
    std::set<std::string_view> nodes;
    for (const std::string& id : known.nodes) {
        nodes.insert(live::node_of(id));
    }
    out["nodes"] = json::array(nodes.begin(), nodes.end());
    return {.status = 0, .json = json::serialize(out), .headers = {}};
}

void get_presence(Storage& storage, const Call& call, Callback<Reply> done) {
    auto target = find_target(call);
    if (!target) {
        done(std::unexpected(std::move(target.error())));
        return;
    }
    const std::string user = target->user;
    storage.get(std::string(live::kPresenceUsers), user, call.home,
                [user, done = std::move(done)](const Result<Document>& found) mutable {
                    if (!found && found.error().code != Code::not_found) {
                        done(std::unexpected(found.error()));
                        return;
                    }
                    const auto known =
                        found ? live::PresenceDocument::parse(found->document) : std::nullopt;
                    done(to_reply(user, known.value_or(live::PresenceDocument{})));
                });
}

}  // namespace

Result<> add_presence_operations(Operations& operations, Storage& storage) {
    Operation operation;
    operation.name = "presence.get";
    operation.routes = {{"GET", "/v1/presence/{user}"}};
    operation.summary = "Whether a user is connected, and to which nodes.";
    operation.input = R"({"type": "object", "required": ["user"], "properties": {
        "user": {"type": "string", "description": "The caller; an admin may ask for anybody."}}})";
    operation.output =
        R"({"type": "object", "required": ["user", "online", "nodes"], "properties": {
        "user": {"type": "string"},
        "online": {"type": "boolean", "description": "Connected, or was a moment ago."},
        "since": {"type": "string", "format": "date-time", "description": "Of the last change; missing where the user was never there."},
        "nodes": {"type": "array", "items": {"type": "string"}, "description": "Those with sessions of the user."}}})";
    operation.handler = [&storage](const Call& call, Callback<Reply> done) {
        get_presence(storage, call, std::move(done));
    };
    return operations.add(std::move(operation));
}

}  // namespace belfry::ops
