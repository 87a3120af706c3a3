/// The connection that writes.
#pragma once

#include "plugins/storage/postgresql/appends.hpp"
#include "plugins/storage/postgresql/audit.hpp"
#include "plugins/storage/postgresql/operations.hpp"
#include "plugins/storage/postgresql/plan.hpp"
#include "plugins/storage/postgresql/session.hpp"
#include "plugins/storage/postgresql/work.hpp"

#include <belfry/host.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace belfry::postgresql {

/// What survives the loss of a connection.
struct WriterState {
    std::string id;           ///< uuid, of this daemon's row in `writers`
    std::uint64_t batch = 0;  ///< the last transaction begun
    TrimRound round = {};
    /// For how many transactions events are looked up before they are written. Without that, one
    /// that is known costs a transaction; where none come, the look-up costs a tenth of each.
    unsigned look_ups = kLookUps;

    static constexpr unsigned kLookUps = 200;
};

/// A session with its statements. One thread. Everything throws SqlError; then call rollback(),
/// unless the connection is lost.
class WriteSession {
public:
    /// Connects and makes the daemon's row in `writers`; the schema is there.
    WriteSession(const Options& options, sdk::Env env, WriterState& state);

    /// Begins transaction number state.batch + 1, unless commit() has.
    void begin();
    /// Durable as configured when it returns. Where it throws, whether it took effect is unknown.
    /// `goes_on`: there is a next transaction, which is begun at once.
    void commit(bool goes_on);
    void rollback();
    /// Is a transaction open that commit() has begun?
    [[nodiscard]] bool has_begun() const { return has_begun_; }
    /// Did that transaction take effect? Waits for a server process that is still at it.
    bool has_committed(std::uint64_t batch);

    /// Applies the groups and fills their results; one that fails leaves its neighbours alone.
    void apply(const std::vector<GroupRef>& groups);
    /// The same, so that what the server says against the content of a group fails only this group.
    void apply_carefully(const std::vector<GroupRef>& groups);
    sdk::Jobs claim(const ClaimQuery& query);
    bool clear_leftovers() { return operations_.clear_leftovers(); }
    /// Asks for nothing, to see whether the server is there and takes writes.
    void probe();

    [[nodiscard]] bool is_lost() const { return session_.is_lost(); }
    [[nodiscard]] Durability durability() { return audit(session_); }
    /// From any thread: what runs now fails, and the connection is lost.
    void sever() { session_.sever(); }

private:
    void make_row();
    /// Begins transaction number `batch` -> whether the daemon's row is there.
    bool try_begin(std::uint64_t batch, const std::string& before);
    void run_together(const std::vector<GroupRef>& groups);
    void run_alone(const GroupRef& group);
    Fault run_operations(const GroupRef& group);
    Fault run_undoable(const GroupRef& group);
    Fault apply_op(const bf_op& op, sdk::OpResult& result);
    Fault append(const bf_op_append& op, sdk::OpResult& result);
    /// Plans are made for the sizes the tables have: again when they have grown, and now and then.
    std::string forget_plans();

    sdk::Env env_;
    WriterState& state_;
    Session session_;
    Appends appends_;
    Operations operations_;
    bool has_begun_ = false;
    std::int64_t planned_at_;
    std::uint64_t written_ = 0;  ///< entries, since the session began
    std::uint64_t written_when_planned_ = 0;
};

}  // namespace belfry::postgresql
