/// One record of each kind.
#pragma once

#include "daemon/plugin/values.hpp"

#include <memory>
#include <string>
#include <vector>

namespace belfry::test {

inline std::shared_ptr<Notification> sample_notification() {
    auto note = std::make_shared<Notification>();
    note->priority = 1;
    note->id = "n1";
    note->type = "greeting";
    note->title = "Hello";
    note->body = "World";
    note->data = "{}";
    note->data_type = "application/json";
    note->collapse_key = "key";
    note->created_at = 10;
    note->expires_at = 20;
    note->source = "shop";
    note->event_id = "e1";
    note->trace = "trace";
    return note;
}

inline std::vector<Record> sample_records() {
    return {BodyRecord{EntryKind::notification, true, 1, 1, "hash", sample_notification()},
            StreamRecord{{true, 7, 1, 1, 1, "user:a"}},
            EntryRecord{"user:a", 1, 1, 0, EntryKind::notification, 0},
            CursorRecord{"user:a", {"phone", 1, 0, 5}},
            DocumentRecord{"users", {"ann", 3, "{}", {}}, {{"mail", "a@b", true}}},
            JobRecord{{false, "q", "j", "lane", 5, 1, 9, "pay", "why"}, 77}};
}

}  // namespace belfry::test
