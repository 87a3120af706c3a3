#include "plugins/storage/postgresql/writer.hpp"

#include "plugins/storage/postgresql/check.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace belfry::postgresql {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kIdle{10'000};
constexpr milliseconds kProbe{1'000};  ///< while something is wrong
constexpr milliseconds kStopPatience{10'000};

std::string new_uuid(const sdk::Env& env) {
    std::array<std::uint8_t, 16> random{};
    env.random(random);
    constexpr std::string_view kHexDigits = "0123456789abcdef";
    std::string uuid;
    for (std::size_t i = 0; i < random.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            uuid += '-';
        }
        uuid += kHexDigits[random.at(i) >> 4U];
        uuid += kHexDigits[random.at(i) & 15U];
    }
    return uuid;
}

void complete(Work& work) noexcept {
    try {
        work.complete();
    } catch (...) {
        // No memory for the answer: the completion that is dropped says "retry".
        return;
    }
}

bool has_reset(const Request::Group& group) {
    return std::ranges::any_of(group, [](const bf_op* op) { return op->kind == BF_OP_RESET; });
}

}  // namespace

Writer::Writer(const Options& options, sdk::Env env)
    : options_(options), place_(options.place()), env_(env), state_{.id = new_uuid(env)},
      reconnect_(env), session_(std::make_unique<WriteSession>(options, env, state_)),
      durability_(session_->durability()),
      commit_seconds_(env.histogram("postgresql_commit_seconds", "Time of one transaction")),
      groups_(env.counter("postgresql_groups_total", "Groups of operations answered")),
      depth_(env.gauge("postgresql_queue_groups", "Groups that wait to be written")),
      durable_(env.gauge("postgresql_durable", "1: commits survive loss of power")),
      again_(env.counter("postgresql_repeated_total", "Transactions run again")),
      unknown_(env.counter("postgresql_unknown_total",
                           "Commits that were not answered and had to be looked up")) {
    durable_.set(durability_.is_durable ? 1 : 0);
    queue_.open();
    thread_ = std::thread([this] { run(); });
}

Writer::~Writer() {
    queue_.close();
    {
        std::unique_lock lock(mutex_);
        auto patience = kStopPatience;
        while (!ended_.wait_for(lock, patience, [this] { return has_ended_; })) {
            is_cut_ = true;
            if (session_ != nullptr) {
                session_->sever();
            }
            patience = kProbe;
        }
    }
    thread_.join();
}

void Writer::commit(std::unique_ptr<Request> request, sdk::Done<sdk::Committed> done) {
    queue_.push(std::make_unique<CommitWork>(std::move(request), std::move(done)));
}

void Writer::claim(ClaimQuery query, sdk::Done<sdk::Jobs> done) {
    if (auto fault = check_name(query.queue, "claim: queue"); !fault.ok()) {
        done.fail(fault.status, fault.message);
        return;
    }
    if (query.until <= query.now) {
        done.fail(sdk::Status::invalid, "claim: the lease ends before it begins");
        return;
    }
    queue_.push(std::make_unique<ClaimWork>(std::move(query), std::move(done)));
}

void Writer::flush(sdk::Done<> done) {
    queue_.push(std::make_unique<BarrierWork>(std::move(done)));
}

Durability Writer::durability() const {
    const std::lock_guard lock(mutex_);
    return durability_;
}

void Writer::run() {
    while (!queue_.ended()) {
        const bool has_begun = session_ != nullptr && session_->has_begun();
        auto batch = queue_.take(has_begun ? milliseconds{0} : idle_time());
        depth_.set(static_cast<double>(queue_.depth()));
        if (batch.empty() && has_begun) {
            end_unused();
            continue;
        }
        if (batch.empty()) {
            idle();
        } else {
            process(batch);
        }
    }
    const std::lock_guard lock(mutex_);
    session_.reset();
    has_ended_ = true;
    ended_.notify_all();
}

void Writer::end_unused() {
    try {
        session_->rollback();
    } catch (const SqlError& error) {
        disconnect(trouble_of(error, place_));
    }
}

milliseconds Writer::idle_time() const {
    if (session_ == nullptr) {
        return reconnect_.wait();
    }
    return !down_.empty() ? kProbe : is_tidy_ ? kIdle : milliseconds{0};
}

void Writer::idle() {
    if (queue_.is_closed()) {
        return;
    }
    if (session_ == nullptr && !(reconnect_.is_due() && try_connect())) {
        return;
    }
    // Where there is nothing to tidy up, this is a small change, to see whether the server takes
    // it.
    bool more = false;
    const bool tidies = !is_tidy_ && down_.empty();
    const auto trouble = transact([&](WriteSession& session, bool /*careful*/) {
        more = tidies && session.clear_leftovers();
        return !tidies || more;
    });
    is_tidy_ = !trouble && !more;
}

void Writer::process(Batch& batch) {
    Works commits;
    for (auto& work : batch) {
        if (work->kind() == Work::Kind::commit) {
            commits.push_back(std::move(work));
            continue;
        }
        commit_all(std::exchange(commits, {}));
        if (work->kind() == Work::Kind::claim) {
            claim_one(std::move(work));
        } else {
            complete(*work);
        }
    }
    commit_all(commits);
}

void Writer::commit_all(const Works& works) {
    if (works.empty()) {
        return;
    }
    std::vector<GroupRef> groups;
    for (const auto& work : works) {
        auto& commit = static_cast<CommitWork&>(*work);
        commit.results().resize(commit.groups());
        for (std::size_t i = 0; i < commit.groups(); ++i) {
            groups.push_back({.ops = commit.requests()[i], .result = &commit.results()[i]});
            is_tidy_ = is_tidy_ && !has_reset(commit.requests()[i]);
        }
    }
    finish(works, transact([&groups](WriteSession& session, bool careful) {
               if (careful) {
                   session.apply_carefully(groups);
               } else {
                   session.apply(groups);
               }
               return true;
           }));
}

void Writer::claim_one(std::unique_ptr<Work> work) {
    auto& claim = static_cast<ClaimWork&>(*work);
    const auto trouble = transact([&claim](WriteSession& session, bool /*careful*/) {
        claim.result() = session.claim(claim.query());
        return !claim.result().jobs.empty();
    });
    Works works;
    works.push_back(std::move(work));
    finish(works, trouble);
}

void Writer::finish(const Works& works, const std::optional<Trouble>& trouble) {
    for (const auto& work : works) {
        if (trouble) {
            work->fail(*trouble);
        } else {
            groups_.add(static_cast<double>(work->groups()));
            complete(*work);
        }
    }
}

void Writer::fail_waiting(const Trouble& trouble) {
    for (const auto& work : queue_.take_all()) {
        work->fail(trouble);
    }
}

void Writer::report(const std::optional<Trouble>& trouble) {
    if (!trouble) {
        reconnect_.succeeded();
        if (!std::exchange(down_, {}).empty()) {
            env_.health(sdk::Health::ok);
            env_.log(sdk::Level::info, "storage works again", {{"place", place_}});
        }
        return;
    }
    if (down_.empty()) {
        env_.health(sdk::Health::down, trouble->message);
        env_.log(sdk::Level::error, "storage cannot write", {{"reason", trouble->message}});
    }
    down_ = trouble->message;
}

}  // namespace belfry::postgresql
