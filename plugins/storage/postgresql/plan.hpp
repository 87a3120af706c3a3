/// Which groups of a transaction can be written together.
#pragma once

#include "plugins/storage/postgresql/check.hpp"
#include "plugins/storage/postgresql/request.hpp"

#include <belfry/storage.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace belfry::postgresql {

/// A group and where its result goes.
struct GroupRef {
    Request::Group ops;
    sdk::GroupResult* result = nullptr;
    Fault fault = {};  ///< of the operation behind `ops`: it fails the group if they do not
};

/// Groups that are written together (appends and cursors that do not touch each other), or one by
/// one.
struct Run {
    bool is_together = true;
    std::vector<GroupRef> groups;
};

/// The runs of a transaction. Their order is that of the groups, but for groups that do not touch
/// each other: those that go one by one are put off as long as nobody behind them needs them.
/// Borrows from the groups.
class Plan {
public:
    explicit Plan(std::vector<GroupRef> groups);

    [[nodiscard]] const std::vector<Run>& runs() const { return runs_; }
    /// A stream that has to be locked before anything is done, and whether it is made where it is
    /// not there.
    struct Lock {
        std::string_view stream;
        bool makes = false;
    };
    /// In order; empty where the only run locks in order itself.
    [[nodiscard]] std::vector<Lock> streams_to_lock() const;
    [[nodiscard]] std::vector<std::string_view> collections_to_lock() const;

private:
    /// What appends and cursors in one statement must not share.
    class Touched {
    public:
        [[nodiscard]] bool by(const Request::Group& group) const;
        void add(const Request::Group& group);
        /// Does no operation of the group touch one before it?
        static bool is_distinct(const Request::Group& group);

    private:
        struct Devices {
            std::unordered_set<std::string_view> names;
            bool has_keep = false;
        };
        [[nodiscard]] bool by(const bf_op& op) const;
        void add(const bf_op& op);

        std::unordered_set<std::string> pairs_;
        std::unordered_set<std::string_view> ids_;
        std::unordered_map<std::string_view, Devices> cursors_;
    };

    void add_together(GroupRef group);
    void put_off(GroupRef group);
    [[nodiscard]] bool waits_for_put_off(const Request::Group& group) const;
    void close_together();
    void close_put_off();

    std::vector<Run> runs_;
    Run together_;
    Run put_off_{.is_together = false, .groups = {}};
    Touched touched_;
    std::unordered_set<std::string> put_off_names_;  ///< streams, pairs and ids of groups put off
    bool put_off_all_streams_ = false;
};

}  // namespace belfry::postgresql
