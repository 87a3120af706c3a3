#include "daemon/live/presence_store.hpp"

#include "daemon/base/json_text.hpp"

#include <algorithm>
#include <utility>

namespace belfry::live {
namespace {

/// Each conflict means that another node has got further.
constexpr int kMostTries = 100;

/// -> whether anything was different.
bool set_node(PresenceDocument& document, const std::string& node, bool is_there) {
    const auto found = std::ranges::find(document.nodes, node);
    if ((found != document.nodes.end()) == is_there) {
        return false;
    }
    if (is_there) {
        document.nodes.push_back(node);
    } else {
        document.nodes.erase(found);
    }
    return true;
}

Put to_put(const std::string& user, std::uint64_t version, const PresenceDocument& document) {
    Put put{std::string(kPresenceUsers), user, version, document.print(), {}};
    for (const std::string& node : document.nodes) {
        // With the user, since storages look at all others of the same value.
        std::string value = node;
        value.append(" ").append(user);
        put.keys.push_back({std::string(kPresenceByNode), std::move(value), false});
    }
    return put;
}

}  // namespace

void PresenceStore::change(const std::string& user, const std::string& node, bool is_there,
                           Callback<> done) {
    read({user, node, is_there, std::move(done)});
}

void PresenceStore::read(Change change) {
    const std::string user = change.user;
    parts_.storage.get(std::string(kPresenceUsers), user, parts_.core,
                       [this, change = std::move(change)](const Result<Document>& found) mutable {
                           apply(std::move(change), found);
                       });
}

void PresenceStore::apply(Change change, const Result<Document>& found) {
    if (!found && found.error().code != Code::not_found) {
        change.done(std::unexpected(found.error()));
        return;
    }
    const auto known = found ? PresenceDocument::parse(found->document) : PresenceDocument();
    PresenceDocument document = known.value_or(PresenceDocument());
    if (!set_node(document, change.node, change.is_there) && known) {
        change.done({});
        return;
    }
    Group group;
    const bool is_online = !document.nodes.empty();
    if (std::exchange(document.is_online, is_online) != is_online) {
        document.since = parts_.clock.now();
        auto told = event(change.user, is_online, document.since);
        if (!told) {
            change.done(std::unexpected(told.error()));
            return;
        }
        group.emplace_back(std::move(*told));
    }
    group.emplace(group.begin(),
                  to_put(change.user, found ? found->version : kVersionNone, document));
    write(std::move(change), std::move(group));
}

void PresenceStore::write(Change change, Group group) {
    parts_.ingest.submit(
        std::move(group),
        [this, change = std::move(change)](const Result<std::vector<OpResult>>& result) mutable {
            const bool is_overtaken = !result && result.error().code == Code::conflict;
            if (is_overtaken && ++change.tries < kMostTries) {
                read(std::move(change));
            } else {
                change.done(result ? Result<>() : std::unexpected(result.error()));
            }
        });
}

Result<Append> PresenceStore::event(const std::string& user, bool is_online, Nanos at) {
    Draft draft;
    draft.streams = {stream_};
    draft.type = is_online ? "belfry.user.online" : "belfry.user.offline";
    JsonObject(draft.data).text("user", user).text("at", to_rfc3339(at));
    return parts_.mailbox.prepare(std::move(draft));
}

}  // namespace belfry::live
