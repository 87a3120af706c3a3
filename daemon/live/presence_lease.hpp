/// Which nodes are alive.
#pragma once

#include "daemon/base/random.hpp"
#include "daemon/live/presence_store.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace belfry::live {

struct PresenceLeaseSettings {
    std::string node;
    Nanos lease = 0;
    Nanos offline_after = 0;
};

/// This node's document, renewed while it lives, and an eye on those of the others. A node whose
/// document has not changed for the lease, by the clock of whoever looks, is buried: its users are
/// told to be no longer there. So clocks need not agree. A node that was paused finds that it was
/// buried, and goes on under another id; the old one is never used again. Lives on the core's
/// executor.
class PresenceLease {
public:
    /// `on_held` is called whenever the lease was taken or renewed, and told whether under a new
    /// id. All outlive this; this outlives the executor's tasks.
    PresenceLease(PresenceStore& store, Random& random, PresenceLeaseSettings settings,
                  std::function<void(bool is_new)> on_held);

    void start();
    /// Empty until there is one.
    [[nodiscard]] const std::string& id() const { return id_; }
    /// Nobody can have buried this node yet.
    [[nodiscard]] bool is_held() const;

private:
    struct Sighting {
        std::uint64_t version = 0;
        Nanos at = 0;  ///< monotonic; when it was first seen at this version
    };
    /// A dead node whose users are taken away.
    struct Burial {
        std::string id;
        std::uint64_t version = 0;
        NodeDocument document;
        std::size_t under_way = 0;
        bool has_failed = false;
    };
    using BurialPtr = std::shared_ptr<Burial>;

    void tick();
    void enrol();
    void renew();
    void look();
    void on_seen(const Documents& all);
    void bury(const Document& found);
    void clear(const BurialPtr& burial);
    void on_cleared(const BurialPtr& burial);
    void finish(const Burial& burial);
    void write_own(const std::string& id, std::uint64_t version);
    void on_own_written(const std::string& id, std::uint64_t version, Nanos at);
    [[nodiscard]] Nanos now() const { return store_.parts().clock.monotonic(); }

    PresenceStore& store_;
    Random& random_;
    const PresenceLeaseSettings settings_;
    std::function<void(bool is_new)> on_held_;
    std::string id_;
    std::uint64_t version_ = 0;
    Nanos renewed_at_ = 0;
    bool is_writing_ = false;
    bool is_looking_ = false;
    std::map<std::string, Sighting> sightings_;
    std::map<std::string, BurialPtr> burials_;
};

}  // namespace belfry::live
