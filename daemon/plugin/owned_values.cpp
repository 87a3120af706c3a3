#include "daemon/plugin/owned_values.hpp"

#include "daemon/plugin/abi_values.hpp"

#include <string>

namespace belfry::plugin {

bf_notification to_abi(const Notification& from) {
    return {sizeof(bf_notification), from.priority,      str(from.id),     str(from.type),
            str(from.title),         str(from.body),     bytes(from.data), str(from.data_type),
            str(from.collapse_key),  from.created_at,    from.expires_at,  from.revision,
            str(from.source),        str(from.event_id), str(from.trace)};
}

bf_document to_abi(const Document& from) {
    return {sizeof(bf_document), 0, str(from.id), from.version, bytes(from.document),
            str(from.key)};
}

bf_cursor to_abi(const Cursor& from) {
    return {sizeof(bf_cursor), 0, str(from.device), from.delivered, from.read, from.moved_at};
}

bf_job to_abi(const Job& from) {
    return {sizeof(bf_job),      from.dead ? BF_JOB_DEAD : BF_JOB_PENDING,
            str(from.queue),     str(from.id),
            str(from.lane),      from.due,
            from.attempt,        from.lease,
            bytes(from.payload), str(from.reason)};
}

bf_key to_abi(const Key& from) { return {str(from.index), str(from.value), from.unique ? 1U : 0U}; }

Notification to_owned(const bf_notification& from) {
    return {from.priority,
            std::string(view(from.id)),
            std::string(view(from.type)),
            std::string(view(from.title)),
            std::string(view(from.body)),
            std::string(text(from.data)),
            std::string(view(from.data_type)),
            std::string(view(from.collapse_key)),
            from.created_at,
            from.expires_at,
            from.revision,
            std::string(view(from.source)),
            std::string(view(from.event_id)),
            std::string(view(from.trace))};
}

Head to_owned(const bf_head& from) {
    return {from.exists != 0, from.epoch,  from.earliest,
            from.head,        from.unread, std::string(view(from.stream))};
}

Document to_owned(const bf_document& from) {
    return {std::string(view(from.id)), from.version, std::string(text(from.document)),
            std::string(view(from.key))};
}

Job to_owned(const bf_job& from) {
    return {from.state == BF_JOB_DEAD,
            std::string(view(from.queue)),
            std::string(view(from.id)),
            std::string(view(from.lane)),
            from.due,
            from.attempt,
            from.lease,
            std::string(text(from.payload)),
            std::string(view(from.reason))};
}

Cursor to_owned(const bf_cursor& from) {
    return {std::string(view(from.device)), from.delivered, from.read, from.moved_at};
}

}  // namespace belfry::plugin
