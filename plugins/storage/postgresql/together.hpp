/// Groups whose appends and cursor moves are written with a few statements for all of them.
#pragma once

#include "plugins/storage/postgresql/write_session.hpp"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace belfry::postgresql {

inline Fault other_content(const bf_notification& note) {
    return {sdk::Status::conflict, "event \"" + std::string(sdk::view(note.event_id)) + "\" of \"" +
                                       std::string(sdk::view(note.source)) +
                                       "\" was stored before with other content"};
}

inline void fail_group(const GroupRef& group, Fault fault) {
    *group.result = {fault.status, std::move(fault.message), {}};
}

/// The appends of groups that are written together.
class Together {
public:
    explicit Together(const std::vector<GroupRef>& groups) : groups_(groups) {
        for (std::size_t i = 0; i < groups.size(); ++i) {
            add(i);
        }
    }

    /// Neither known before nor of a group that has failed.
    std::vector<Note*> open() {
        return notes_where(
            [this](const Item& item) { return !has_failed(item) && !item.note.known; });
    }
    std::vector<Note*> known() {
        return notes_where(
            [this](const Item& item) { return !has_failed(item) && item.note.known; });
    }
    void fail_conflicts() {
        for (const auto& item : items_) {
            if (item.note.known && !item.note.known->is_same && !has_failed(item)) {
                fail_group(groups_[item.group], other_content(*item.note.op->notification));
            }
        }
    }
    /// Of groups that have not failed, in the order they are locked in.
    [[nodiscard]] std::vector<const bf_op_cursor*> moves() const {
        std::vector<const bf_op_cursor*> moves;
        for (const auto& group : groups_) {
            for (const auto* op : group.ops) {
                if (op->kind == BF_OP_CURSOR && group.result->status == sdk::Status::ok) {
                    moves.push_back(&op_as<bf_op_cursor>(*op));
                }
            }
        }
        std::ranges::sort(moves, {}, [](const bf_op_cursor* op) {
            return std::tuple(sdk::view(op->stream), sdk::view(op->device));
        });
        return moves;
    }

private:
    struct Item {
        Note note;
        std::size_t group;
    };

    void add(std::size_t group) {
        const auto& ops = groups_[group].ops;
        auto& results = groups_[group].result->results;
        for (std::size_t i = 0; i < ops.size(); ++i) {
            if (ops[i]->kind == BF_OP_APPEND) {
                items_.push_back(
                    {{.op = &op_as<bf_op_append>(*ops[i]), .result = &results[i]}, group});
            }
        }
    }
    [[nodiscard]] bool has_failed(const Item& item) const {
        return groups_[item.group].result->status != sdk::Status::ok;
    }
    template <class Condition>
    std::vector<Note*> notes_where(Condition condition) {
        std::vector<Note*> notes;
        notes.reserve(items_.size());
        for (auto& item : items_) {
            if (condition(item)) {
                notes.push_back(&item.note);
            }
        }
        return notes;
    }

    const std::vector<GroupRef>& groups_;
    std::vector<Item> items_;
};

}  // namespace belfry::postgresql
