// The writing calls of the model plugin, and the faults that can be planted in them.
#include "tests/conformance/model_plugin.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <utility>

namespace belfry::model_plugin {
namespace {

using sdk::Status;
using sdk::view;

template <class Op>
const Op& as(const bf_op& op) {
    return *reinterpret_cast<const Op*>(&op);
}

std::vector<bf_str> names_of(const bf_op& op) {
    switch (op.kind) {
        case BF_OP_APPEND: {
            const auto& append = as<bf_op_append>(op);
            std::vector<bf_str> names(append.streams, append.streams + append.stream_count);
            names.push_back(append.notification->id);
            return names;
        }
        case BF_OP_MARK: return {as<bf_op_mark>(op).stream};
        case BF_OP_CURSOR: return {as<bf_op_cursor>(op).stream, as<bf_op_cursor>(op).device};
        case BF_OP_PUT: {
            const auto& put = as<bf_op_put>(op);
            std::vector<bf_str> names{put.collection, put.id};
            for (const auto& key : std::span(put.keys, put.key_count)) {
                names.push_back(key.index);
            }
            return names;
        }
        case BF_OP_DELETE: return {as<bf_op_delete>(op).collection, as<bf_op_delete>(op).id};
        case BF_OP_OWE: return {as<bf_op_owe>(op).queue, as<bf_op_owe>(op).id};
        case BF_OP_RESET: return {as<bf_op_reset>(op).stream};
        default: return {};
    }
}

std::vector<bf_str> texts_of(const bf_op& op) {
    switch (op.kind) {
        case BF_OP_APPEND: {
            const auto& note = *as<bf_op_append>(op).notification;
            return {note.type,         note.title,  note.body,     note.data_type,
                    note.collapse_key, note.source, note.event_id, note.trace};
        }
        case BF_OP_PUT: {
            std::vector<bf_str> values;
            for (const auto& key : std::span(as<bf_op_put>(op).keys, as<bf_op_put>(op).key_count)) {
                values.push_back(key.value);
            }
            return values;
        }
        case BF_OP_OWE: return {as<bf_op_owe>(op).lane};
        case BF_OP_SETTLE: return {as<bf_op_settle>(op).reason};
        default: return {};
    }
}

bool is_sound(const bf_op& op, std::string_view fault) {
    const auto names = names_of(op);
    const auto texts = texts_of(op);
    const auto has_nul = [&](bf_str text) {
        return view(text).find('\0') != std::string_view::npos && fault != "takes-nul";
    };
    const bool is_distinct = [&] {
        if (op.kind != BF_OP_APPEND) {
            return true;
        }
        const std::span streams(as<bf_op_append>(op).streams, as<bf_op_append>(op).stream_count);
        std::set<std::string_view> seen;
        return std::ranges::all_of(streams,
                                   [&](bf_str one) { return seen.insert(view(one)).second; });
    }();
    return is_distinct && std::ranges::none_of(names, has_nul) &&
           std::ranges::none_of(texts, has_nul) &&
           std::ranges::none_of(names, [](bf_str name) { return name.len == 0; });
}

/// The operation as the fault would have it.
template <class Op, class Change>
void change(bf_op*& op, std::optional<Op>& changed, Change apply) {
    changed = as<Op>(*op);
    apply(*changed);
    op = &changed->op;
}

/// Keeps what a changed operation needs.
struct Changed {
    std::optional<bf_op_append> append;
    std::optional<bf_op_mark> mark;
    std::optional<bf_op_cursor> cursor;
    std::optional<bf_op_put> put;
    std::optional<bf_op_trim> trim;
    std::optional<bf_op_settle> settle;
    std::optional<bf_op_owe> owe;
    bf_notification note{};
    std::vector<bf_key> keys;
};

void plant_in_append(bf_op*& op, Changed& own, std::string_view fault) {
    if (fault == "forgets-events" || fault == "ignores-other-content" || fault == "cuts-data" ||
        fault == "forgets-retractions" || fault == "ignores-repeated") {
        change(op, own.append, [&](bf_op_append& append) {
            own.note = *append.notification;
            append.notification = &own.note;
            if (fault == "forgets-events") {
                own.note.event_id = {};
            } else if (fault == "ignores-other-content") {
                append.content_hash = {};
            } else if (fault == "cuts-data") {
                const auto* end = std::find(own.note.data.ptr,
                                            own.note.data.ptr + own.note.data.len, std::uint8_t{0});
                own.note.data.len = static_cast<std::uint64_t>(end - own.note.data.ptr);
            } else if (fault == "forgets-retractions") {
                append.entry_kind = BF_ENTRY_REVISION;
            } else {
                append.flags = 0;
            }
        });
    }
}

void plant_in_mark(bf_op*& op, Changed& own, std::string_view fault) {
    change(op, own.mark, [&](bf_op_mark& mark) {
        mark.epoch = fault == "marks-any-epoch" ? 0 : mark.epoch;
        mark.limit = fault == "marks-without-limit" ? 0 : mark.limit;
        mark.time = fault == "forgets-read-at" ? 0 : mark.time;
    });
}

void plant_in_put(bf_op*& op, Changed& own, std::string_view fault) {
    change(op, own.put, [&](bf_op_put& put) {
        own.keys.assign(put.keys, put.keys + put.key_count);
        put.keys = own.keys.data();
        if (fault == "ignores-versions") {
            put.expected_version = BF_VERSION_ANY;
        } else if (fault == "ignores-unique") {
            std::ranges::for_each(own.keys, [](bf_key& key) { key.unique = 0; });
        }
    });
}

void plant(bf_op*& op, Changed& own, std::string_view fault) {
    switch (op->kind) {
        case BF_OP_APPEND: plant_in_append(op, own, fault); return;
        case BF_OP_MARK: plant_in_mark(op, own, fault); return;
        case BF_OP_CURSOR:
            change(op, own.cursor, [&](bf_op_cursor& cursor) {
                cursor.keep = fault == "keeps-all-cursors" ? 0 : cursor.keep;
            });
            return;
        case BF_OP_PUT: plant_in_put(op, own, fault); return;
        case BF_OP_OWE:
            change(op, own.owe, [&](bf_op_owe& owe) {
                owe.lane = fault == "ignores-lanes" ? bf_str{} : owe.lane;
            });
            return;
        case BF_OP_TRIM:
            change(op, own.trim, [&](bf_op_trim& trim) {
                trim.keep += fault == "keeps-one-more" && trim.keep != 0 ? 1 : 0;
                trim.expired_at = fault == "forgets-expiry" ? 0 : trim.expired_at;
            });
            return;
        default: return;
    }
}

bool moves_back(Data& data, const bf_op& op) {
    if (op.kind != BF_OP_CURSOR) {
        return false;
    }
    const auto& move = as<bf_op_cursor>(op);
    auto stream = data.model.streams.find(std::string(view(move.stream)));
    if (stream == data.model.streams.end()) {
        return false;
    }
    const auto found = stream->second.cursors.find(std::string(view(move.device)));
    if (found != stream->second.cursors.end() && move.delivered != 0) {
        found->second.delivered = move.delivered;
    }
    return false;
}

/// With each operation by itself, so that what came before a failure stays.
sdk::GroupResult apply_one_by_one(Data& data, const std::vector<const bf_op*>& ops) {
    sdk::GroupResult all;
    for (const auto* op : ops) {
        auto one = data.model.apply({sizeof(bf_group), 0, &op, 1});
        if (one.status != Status::ok) {
            return one;
        }
        all.results.push_back(std::move(one.results.at(0)));
    }
    return all;
}

}  // namespace

sdk::GroupResult commit_group(Data& data, const bf_group& group, std::string_view fault) {
    std::vector<Changed> changed(group.op_count);
    std::vector<const bf_op*> ops;
    for (std::uint64_t i = 0; i < group.op_count; ++i) {
        if (!is_sound(*group.ops[i], fault)) {
            return {Status::invalid, "a name or a text is not sound", {}};
        }
        auto* op = const_cast<bf_op*>(group.ops[i]);
        plant(op, changed[i], fault);
        ops.push_back(op);
        if (fault == "moves-cursors-back") {
            (void)moves_back(data, *op);
        }
    }
    auto result = fault == "leaves-halves"
                      ? apply_one_by_one(data, ops)
                      : data.model.apply({sizeof(bf_group), 0, ops.data(), ops.size()});
    if (result.status == Status::conflict) {
        for (const auto& change : changed) {
            for (const auto& key : change.keys) {
                result.message += " index " + std::string(view(key.index));
            }
        }
    }
    return result;
}

sdk::Jobs claim_jobs(Data& data, const ClaimQuery& query, std::string_view fault) {
    const auto now = fault == "ends-leases-early" ? query.now + 10 : query.now;
    sdk::Jobs claimed;
    claimed.jobs = data.model.claimable(query.queue, now, query.limit);
    if (fault == "claims-in-any-order") {
        std::ranges::reverse(claimed.jobs);
    }
    for (auto& job : claimed.jobs) {
        job.lease = fault == "has-no-fencing" ? 1 : ++data.last_lease;
        data.model.lease(job, query.until);
    }
    return claimed;
}

void load_records(Data& data, std::vector<sdk::Record> records, std::string_view fault) {
    for (auto& record : records) {
        if (auto* body = std::get_if<sdk::BodyRecord>(&record);
            body != nullptr && fault == "loads-no-events") {
            body->is_remembered = false;
        }
        if (auto* job = std::get_if<sdk::JobRecord>(&record)) {
            job->leased_until = fault == "loads-no-leases" ? 0 : job->leased_until;
            data.last_lease = std::max(data.last_lease, job->job.lease);
        }
        data.model.load(record);
    }
}

}  // namespace belfry::model_plugin
