/// Changing who is where, so that each change is told once.
#pragma once

#include "daemon/base/executor.hpp"
#include "daemon/live/presence_document.hpp"
#include "daemon/mailbox/ingest.hpp"
#include "daemon/mailbox/mailbox.hpp"
#include "daemon/plugin/storage.hpp"

#include <string>

namespace belfry::live {

/// Lives on the core's executor.
class PresenceStore {
public:
    /// All of it outlives this; this outlives the executor's tasks.
    struct Parts {
        Executor& core;
        Ingest& ingest;
        Storage& storage;
        Mailbox& mailbox;
        const Clock& clock;
    };
    /// `stream` is where changes are published.
    PresenceStore(const Parts& parts, std::string stream)
        : parts_(parts), stream_(std::move(stream)) {}

    /// The user is on this node or no longer is. If that makes the user online or offline, the
    /// event is in the same commit group; whoever else changes the user meanwhile, it is told once.
    void change(const std::string& user, const std::string& node, bool is_there, Callback<> done);

    [[nodiscard]] const Parts& parts() const { return parts_; }

private:
    struct Change {
        std::string user, node;
        bool is_there = false;
        Callback<> done;
        int tries = 0;
    };

    void read(Change change);
    void apply(Change change, const Result<Document>& found);
    void write(Change change, Group group);
    [[nodiscard]] Result<Append> event(const std::string& user, bool is_online, Nanos at);

    Parts parts_;
    const std::string stream_;
};

}  // namespace belfry::live
