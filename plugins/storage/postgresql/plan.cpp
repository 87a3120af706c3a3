#include "plugins/storage/postgresql/plan.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace belfry::postgresql {

using sdk::view;

namespace {

/// The key of an event; no text has a NUL.
std::string pair_of(const bf_notification& note) {
    std::string pair(view(note.source));
    pair += '\0';
    return pair += view(note.event_id);
}

/// Names of different kinds in one set.
std::string tagged(char tag, std::string_view name) {
    std::string text(1, tag);
    return text += name;
}

bool is_trim_of_all(const bf_op& op) {
    return op.kind == BF_OP_TRIM && op_as<bf_op_trim>(op).stream.len == 0;
}

/// Calls with the name of each stream the operation names.
template <class Visit>
void each_stream(const bf_op& op, Visit visit) {
    switch (op.kind) {
        case BF_OP_APPEND: {
            const auto& append = op_as<bf_op_append>(op);
            for (const auto& stream : std::span(append.streams, append.stream_count)) {
                visit(view(stream));
            }
            return;
        }
        case BF_OP_MARK: visit(view(op_as<bf_op_mark>(op).stream)); return;
        case BF_OP_CURSOR: visit(view(op_as<bf_op_cursor>(op).stream)); return;
        case BF_OP_TRIM:
            if (!is_trim_of_all(op)) {
                visit(view(op_as<bf_op_trim>(op).stream));
            }
            return;
        case BF_OP_RESET: visit(view(op_as<bf_op_reset>(op).stream)); return;
        default: return;
    }
}

/// Calls with the name of each thing two groups may have in common.
template <class Visit>
void each_name(const bf_op& op, Visit visit) {
    each_stream(op, [&](std::string_view stream) { visit(tagged('s', stream)); });
    if (op.kind == BF_OP_APPEND) {
        const auto& note = *op_as<bf_op_append>(op).notification;
        visit(tagged('i', view(note.id)));
        if (note.event_id.len != 0) {
            visit(tagged('p', pair_of(note)));
        }
    }
}

bool may_go_together(const GroupRef& group) {
    return group.fault.ok() && std::ranges::all_of(group.ops, [](const bf_op* op) {
               return op->kind == BF_OP_APPEND || op->kind == BF_OP_CURSOR;
           });
}

void sort_distinct(std::vector<std::string_view>& names) {
    std::ranges::sort(names);
    const auto rest = std::ranges::unique(names);
    names.erase(rest.begin(), rest.end());
}

}  // namespace

bool Plan::Touched::by(const bf_op& op) const {
    if (op.kind == BF_OP_APPEND) {
        const auto& append = op_as<bf_op_append>(op);
        const auto& note = *append.notification;
        return (note.event_id.len != 0 && pairs_.contains(pair_of(note))) ||
               ((append.flags & BF_APPEND_REPEATED) != 0 && ids_.contains(view(note.id)));
    }
    const auto& cursor = op_as<bf_op_cursor>(op);
    const auto found = cursors_.find(view(cursor.stream));
    return found != cursors_.end() && (found->second.has_keep || cursor.keep != 0 ||
                                       found->second.names.contains(view(cursor.device)));
}

bool Plan::Touched::by(const Request::Group& group) const {
    return std::ranges::any_of(group, [this](const bf_op* op) { return by(*op); });
}

void Plan::Touched::add(const bf_op& op) {
    if (op.kind == BF_OP_APPEND) {
        const auto& note = *op_as<bf_op_append>(op).notification;
        ids_.insert(view(note.id));
        if (note.event_id.len != 0) {
            pairs_.insert(pair_of(note));
        }
        return;
    }
    const auto& cursor = op_as<bf_op_cursor>(op);
    auto& devices = cursors_[view(cursor.stream)];
    devices.names.insert(view(cursor.device));
    devices.has_keep = devices.has_keep || cursor.keep != 0;
}

void Plan::Touched::add(const Request::Group& group) {
    for (const auto* op : group) {
        add(*op);
    }
}

bool Plan::Touched::is_distinct(const Request::Group& group) {
    if (group.size() < 2) {
        return true;
    }
    Touched before;
    return std::ranges::all_of(group, [&](const bf_op* op) {
        const bool is_new = !before.by(*op);
        before.add(*op);
        return is_new;
    });
}

Plan::Plan(std::vector<GroupRef> groups) {
    for (auto& group : groups) {
        if (may_go_together(group) && Touched::is_distinct(group.ops)) {
            add_together(std::move(group));
        } else {
            put_off(std::move(group));
        }
    }
    close_together();
    close_put_off();
}

void Plan::add_together(GroupRef group) {
    if (!put_off_.groups.empty() && waits_for_put_off(group.ops)) {
        close_together();
        close_put_off();
    }
    if (touched_.by(group.ops)) {
        close_together();
    }
    touched_.add(group.ops);
    together_.groups.push_back(std::move(group));
}

void Plan::put_off(GroupRef group) {
    for (const auto* op : group.ops) {
        each_name(*op, [this](std::string name) { put_off_names_.insert(std::move(name)); });
        put_off_all_streams_ = put_off_all_streams_ || is_trim_of_all(*op);
    }
    put_off_.groups.push_back(std::move(group));
}

bool Plan::waits_for_put_off(const Request::Group& group) const {
    bool waits = put_off_all_streams_;
    for (const auto* op : group) {
        each_name(*op,
                  [&](const std::string& name) { waits = waits || put_off_names_.contains(name); });
    }
    return waits;
}

void Plan::close_together() {
    if (!together_.groups.empty()) {
        runs_.push_back(std::exchange(together_, {}));
        touched_ = {};
    }
}

void Plan::close_put_off() {
    if (!put_off_.groups.empty()) {
        runs_.push_back(std::exchange(put_off_, {.is_together = false, .groups = {}}));
        put_off_names_.clear();
        put_off_all_streams_ = false;
    }
}

std::vector<Plan::Lock> Plan::streams_to_lock() const {
    std::vector<Lock> locks;
    std::size_t runs = 0;
    bool is_in_order = true;
    for (const auto& run : runs_) {
        const auto before = locks.size();
        for (const auto& group : run.groups) {
            for (const auto* op : group.ops) {
                const bool makes = op->kind == BF_OP_APPEND || op->kind == BF_OP_RESET;
                each_stream(*op, [&](std::string_view name) {
                    locks.push_back({.stream = name, .makes = makes});
                });
            }
        }
        runs += locks.size() != before ? 1 : 0;
        is_in_order = is_in_order && (run.is_together || locks.size() == before);
    }
    if (runs == 1 && is_in_order) {
        return {};
    }
    std::ranges::sort(locks, {},
                      [](const Lock& lock) { return std::pair(lock.stream, !lock.makes); });
    const auto rest = std::ranges::unique(locks, {}, &Lock::stream);
    locks.erase(rest.begin(), rest.end());
    return locks.size() == 1 ? std::vector<Lock>{} : locks;
}

std::vector<std::string_view> Plan::collections_to_lock() const {
    std::vector<std::string_view> names;
    for (const auto& run : runs_) {
        for (const auto& group : run.groups) {
            for (const auto* op : group.ops) {
                if (op->kind == BF_OP_PUT) {
                    names.push_back(view(op_as<bf_op_put>(*op).collection));
                } else if (op->kind == BF_OP_DELETE) {
                    names.push_back(view(op_as<bf_op_delete>(*op).collection));
                }
            }
        }
    }
    sort_distinct(names);
    return names;
}

}  // namespace belfry::postgresql
