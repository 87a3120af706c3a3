#include "plugins/storage/postgresql/check.hpp"

#include "plugins/storage/postgresql/utf8.hpp"

#include <algorithm>
#include <initializer_list>
#include <span>
#include <unordered_set>
#include <utility>
#include <vector>

namespace belfry::postgresql {

namespace {

using sdk::view;

constexpr std::size_t kMaxName = 1024;
constexpr std::size_t kMaxValue = 4096;
constexpr std::size_t kMaxKeys = 1024;
constexpr std::uint32_t kMaxKind = INT16_MAX;

Fault invalid(std::string message) { return {sdk::Status::invalid, std::move(message)}; }

Fault check_text(std::string_view text, std::string_view what) {
    if (text.contains('\0')) {
        return invalid(std::string(what) + ": has a NUL in it");
    }
    return is_utf8(text) ? Fault{} : invalid(std::string(what) + ": is not UTF-8");
}

Fault check_texts(std::initializer_list<std::pair<bf_str, std::string_view>> texts) {
    for (const auto& [text, what] : texts) {
        if (auto fault = check_text(view(text), what); !fault.ok()) {
            return fault;
        }
    }
    return {};
}

Fault check_size(std::string_view text, std::size_t most, std::string_view what) {
    if (text.size() > most) {
        return invalid(std::string(what) + ": expected at most " + std::to_string(most) +
                       " bytes, found " + std::to_string(text.size()));
    }
    return check_text(text, what);
}

Fault check_names(std::initializer_list<std::pair<bf_str, std::string_view>> names) {
    for (const auto& [name, what] : names) {
        if (auto fault = check_name(view(name), what); !fault.ok()) {
            return fault;
        }
    }
    return {};
}

Fault check_distinct(std::span<const bf_str> streams) {
    const bool ascending =
        std::ranges::is_sorted(streams, std::less_equal{}, [](bf_str name) { return view(name); });
    if (streams.size() < 2 ||
        (ascending && std::ranges::adjacent_find(streams, std::equal_to{}, [](bf_str name) {
                          return view(name);
                      }) == streams.end())) {
        return {};
    }
    std::unordered_set<std::string_view> seen;
    seen.reserve(streams.size());
    for (const auto& stream : streams) {
        if (!seen.insert(view(stream)).second) {
            return invalid("append: stream \"" + std::string(view(stream)) + "\" is named twice");
        }
    }
    return {};
}

Fault check_append(const bf_op_append& op) {
    const auto& note = *op.notification;
    if (op.entry_kind > kMaxKind) {
        return {sdk::Status::refused,
                "append: entry kind " + std::to_string(op.entry_kind) + " is not known"};
    }
    for (const auto& [text, most, what] : {std::tuple{note.source, kMaxValue, "append: source"},
                                           std::tuple{note.event_id, kMaxValue, "append: event_id"},
                                           std::tuple{note.type, kMaxName, "append: type"}}) {
        if (auto fault = check_size(view(text), most, what); !fault.ok()) {
            return fault;
        }
    }
    if (auto fault = check_name(view(note.id), "append: notification id"); !fault.ok()) {
        return fault;
    }
    if (auto fault = check_texts({{note.title, "append: title"},
                                  {note.body, "append: body"},
                                  {note.data_type, "append: data_type"},
                                  {note.collapse_key, "append: collapse_key"},
                                  {note.trace, "append: trace"}});
        !fault.ok()) {
        return fault;
    }
    const std::span streams(op.streams, op.stream_count);
    for (const auto& stream : streams) {
        if (auto fault = check_name(view(stream), "append: stream"); !fault.ok()) {
            return fault;
        }
    }
    return check_distinct(streams);
}

Fault check_put(const bf_op_put& op) {
    if (op.key_count > kMaxKeys) {
        return invalid("put: expected at most " + std::to_string(kMaxKeys) + " keys, found " +
                       std::to_string(op.key_count));
    }
    for (const auto& key : std::span(op.keys, op.key_count)) {
        if (auto fault = check_name(view(key.index), "put: index"); !fault.ok()) {
            return fault;
        }
        if (auto fault = check_size(view(key.value), kMaxValue, "put: key"); !fault.ok()) {
            return fault;
        }
    }
    return check_names({{op.collection, "put: collection"}, {op.id, "put: id"}});
}

Fault check_owe(const bf_op_owe& op) {
    if (auto fault = check_size(view(op.lane), kMaxName, "owe: lane"); !fault.ok()) {
        return fault;
    }
    return check_names({{op.queue, "owe: queue"}, {op.id, "owe: id"}});
}

Fault check_settle(const bf_op_settle& op) {
    if (op.outcome > BF_SETTLE_DEAD) {
        return {sdk::Status::refused,
                "settle: outcome " + std::to_string(op.outcome) + " is not known"};
    }
    if (auto fault = check_text(view(op.reason), "settle: reason"); !fault.ok()) {
        return fault;
    }
    return check_names({{op.queue, "settle: queue"}, {op.id, "settle: id"}});
}

}  // namespace

Fault check_name(std::string_view name, std::string_view what) {
    if (name.empty()) {
        return invalid(std::string(what) + ": is empty");
    }
    return check_size(name, kMaxName, what);
}

Fault check_op(const bf_op& op) {
    switch (op.kind) {
        case BF_OP_APPEND: return check_append(op_as<bf_op_append>(op));
        case BF_OP_MARK: return check_names({{op_as<bf_op_mark>(op).stream, "mark: stream"}});
        case BF_OP_CURSOR:
            return check_names({{op_as<bf_op_cursor>(op).stream, "cursor: stream"},
                                {op_as<bf_op_cursor>(op).device, "cursor: device"}});
        case BF_OP_PUT: return check_put(op_as<bf_op_put>(op));
        case BF_OP_DELETE:
            return check_names({{op_as<bf_op_delete>(op).collection, "delete: collection"},
                                {op_as<bf_op_delete>(op).id, "delete: id"}});
        case BF_OP_OWE: return check_owe(op_as<bf_op_owe>(op));
        case BF_OP_SETTLE: return check_settle(op_as<bf_op_settle>(op));
        case BF_OP_TRIM:
            return check_size(view(op_as<bf_op_trim>(op).stream), kMaxName, "trim: stream");
        case BF_OP_RESET: return check_names({{op_as<bf_op_reset>(op).stream, "reset: stream"}});
        default:
            return {sdk::Status::refused,
                    "operation " + std::to_string(op.kind) + " is not known here"};
    }
}

}  // namespace belfry::postgresql
