#include "daemon/live/presence_lease.hpp"

#include "daemon/base/log.hpp"

#include <algorithm>
#include <utility>

namespace belfry::live {
namespace {

constexpr std::uint64_t kMostNodes = 1000;
/// Users that are taken from a dead node at a time.
constexpr std::uint64_t kAtOnce = 64;
/// A node that was paused may still have written after its first burial.
constexpr std::uint64_t kBurials = 2;

std::string node_collection() { return std::string(kPresenceNodes); }

}  // namespace

PresenceLease::PresenceLease(PresenceStore& store, Random& random, PresenceLeaseSettings settings,
                             std::function<void(bool is_new)> on_held)
    : store_(store), random_(random), settings_(std::move(settings)), on_held_(std::move(on_held)) {
}

void PresenceLease::start() { tick(); }

bool PresenceLease::is_held() const {
    return !id_.empty() && now() - renewed_at_ < settings_.lease;
}

void PresenceLease::tick() {
    id_.empty() ? enrol() : renew();
    look();
    store_.parts().core.after(settings_.lease / 3, [this] { tick(); });
}

void PresenceLease::enrol() {
    write_own(make_node_id(random_.next(), settings_.node), kVersionNone);
}

void PresenceLease::renew() { write_own(id_, version_); }

void PresenceLease::write_own(const std::string& id, std::uint64_t version) {
    if (std::exchange(is_writing_, true)) {
        return;
    }
    Group group;
    group.emplace_back(
        Put{node_collection(), id, version, NodeDocument{settings_.node}.print(), {}});
    store_.parts().ingest.submit(
        std::move(group), [this, id, at = now()](const Result<std::vector<OpResult>>& result) {
            is_writing_ = false;
            if (result) {
                on_own_written(id, result->front().value[0], at);
            } else if (result.error().code == Code::conflict) {
                log::warning("this node was taken for dead; its users are registered again");
                id_.clear();
                enrol();
            }
        });
}

void PresenceLease::on_own_written(const std::string& id, std::uint64_t version, Nanos at) {
    if (at - renewed_at_ >= settings_.lease) {
        // Nobody could write, perhaps: the others get the time to.
        sightings_.clear();
    }
    version_ = version;
    renewed_at_ = at;
    on_held_(std::exchange(id_, id) != id);
}

void PresenceLease::look() {
    if (std::exchange(is_looking_, true)) {
        return;
    }
    FindQuery query;
    query.collection = kPresenceNodes;
    query.limit = kMostNodes;
    store_.parts().storage.find(query, store_.parts().core, [this](const Result<Documents>& found) {
        is_looking_ = false;
        if (found) {
            on_seen(*found);
        }
    });
}

void PresenceLease::on_seen(const Documents& all) {
    // After the lease: a user who left just before the last renewal had this long to come back.
    const Nanos patience = std::max(settings_.lease, settings_.lease / 3 + settings_.offline_after);
    std::map<std::string, Sighting> former = std::exchange(sightings_, {});
    for (const Document& found : all.documents) {
        const auto known = former.find(found.id);
        const bool is_same = known != former.end() && known->second.version == found.version;
        const Sighting sighting = is_same ? known->second : Sighting{found.version, now()};
        sightings_.emplace(found.id, sighting);
        const bool is_dead = now() - sighting.at >= patience && is_held();
        if (is_dead && found.id != id_ && !burials_.contains(found.id)) {
            bury(found);
        }
    }
}

/// Whoever writes first does it. If that one ends in the middle, the document stays as it is, and
/// somebody else begins again.
void PresenceLease::bury(const Document& found) {
    auto burial = std::make_shared<Burial>();
    burial->id = found.id;
    burial->document = NodeDocument::parse(found.document).value_or(NodeDocument{});
    ++burial->document.buried;
    burials_.emplace(found.id, burial);
    Group group;
    group.emplace_back(
        Put{node_collection(), found.id, found.version, burial->document.print(), {}});
    store_.parts().ingest.submit(
        std::move(group), [this, burial](const Result<std::vector<OpResult>>& result) {
            if (!result) {
                burials_.erase(burial->id);
                return;
            }
            burial->version = result->front().value[0];
            log::info("a node is gone; its users are looked after",
                      {{"node", burial->document.node}, {"id", burial->id}});
            clear(burial);
        });
}

void PresenceLease::clear(const BurialPtr& burial) {
    FindQuery query;
    query.collection = kPresenceUsers;
    query.index = kPresenceByNode;
    query.from = burial->id;
    query.to = burial->id + '!';  // behind the space
    query.limit = kAtOnce;
    store_.parts().storage.find(
        query, store_.parts().core, [this, burial](const Result<Documents>& found) {
            if (!found || found->documents.empty()) {
                burial->has_failed = burial->has_failed || !found;
                finish(*burial);
                return;
            }
            burial->under_way = found->documents.size();
            for (const Document& user : found->documents) {
                store_.change(user.id, burial->id, false, [this, burial](const Result<>& done) {
                    burial->has_failed = burial->has_failed || !done;
                    on_cleared(burial);
                });
            }
        });
}

void PresenceLease::on_cleared(const BurialPtr& burial) {
    if (--burial->under_way > 0) {
        return;
    }
    if (burial->has_failed) {
        finish(*burial);
    } else {
        clear(burial);
    }
}

void PresenceLease::finish(const Burial& burial) {
    if (!burial.has_failed && burial.document.buried >= kBurials) {
        Group group;
        group.emplace_back(Delete{node_collection(), burial.id, burial.version});
        store_.parts().ingest.submit(std::move(group), [](const Result<std::vector<OpResult>>&) {});
    }
    burials_.erase(std::string(burial.id));
}

}  // namespace belfry::live
