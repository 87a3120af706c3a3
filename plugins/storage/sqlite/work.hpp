/// What the writer thread is asked to do.
#pragma once

#include "plugins/storage/sqlite/commit.hpp"
#include "plugins/storage/sqlite/request.hpp"
#include "plugins/storage/sqlite/trouble.hpp"

#include <belfry/storage.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace belfry::sqlite {

/// One call. Either complete() or fail() is called once, behind the end of the transaction.
class Work {
public:
    Work() = default;
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;
    virtual ~Work() = default;

    /// In a transaction; again from the start when that one failed.
    virtual void run(Commit& commit, bool careful) = 0;
    virtual void complete() = 0;
    virtual void fail(const Trouble& trouble) = 0;

    [[nodiscard]] virtual std::size_t groups() const { return 1; }
    [[nodiscard]] virtual std::size_t bytes() const { return 0; }
};

class CommitWork : public Work {
public:
    CommitWork(std::unique_ptr<Request> request, sdk::Done<sdk::Committed> done)
        : request_(std::move(request)), done_(std::move(done)) {}

    void run(Commit& commit, bool careful) override {
        result_.groups.clear();
        result_.groups.reserve(request_->groups().size());
        for (const auto& group : request_->groups()) {
            result_.groups.push_back(commit.apply(group, careful));
        }
    }
    void complete() override { done_.ok(result_); }
    void fail(const Trouble& trouble) override { done_.fail(trouble.failure()); }

    [[nodiscard]] std::size_t groups() const override { return request_->groups().size(); }
    [[nodiscard]] std::size_t bytes() const override { return request_->bytes(); }

private:
    std::unique_ptr<Request> request_;
    sdk::Committed result_;
    sdk::Done<sdk::Committed> done_;
};

class ClaimWork : public Work {
public:
    ClaimWork(ClaimQuery query, sdk::Done<sdk::Jobs> done)
        : query_(std::move(query)), done_(std::move(done)) {}

    void run(Commit& commit, bool /*careful*/) override { result_ = commit.claim(query_); }
    void complete() override { done_.ok(result_); }
    void fail(const Trouble& trouble) override { done_.fail(trouble.failure()); }

private:
    ClaimQuery query_;
    sdk::Jobs result_;
    sdk::Done<sdk::Jobs> done_;
};

class LoadWork : public Work {
public:
    LoadWork(std::vector<sdk::Record> records, sdk::Done<> done);

    void run(Commit& commit, bool /*careful*/) override { fault_ = commit.load(records_); }
    void complete() override {
        if (fault_.ok()) {
            done_.ok();
        } else {
            done_.fail(fault_.status, fault_.message);
        }
    }
    void fail(const Trouble& trouble) override { done_.fail(trouble.failure()); }

    [[nodiscard]] std::size_t bytes() const override { return bytes_; }

private:
    std::vector<sdk::Record> records_;
    std::size_t bytes_;
    Fault fault_;
    sdk::Done<> done_;
};

/// Gives all arrivals their rows and removes what resets have left, and says whether that is all
/// done.
class SettleWork : public Work {
public:
    using Then = std::function<void(bool is_done, const std::optional<Trouble>&)>;

    explicit SettleWork(Then then) : then_(std::move(then)) {}
    void run(Commit& commit, bool /*careful*/) override { is_done_ = commit.settle_all(); }
    void complete() override { then_(is_done_, std::nullopt); }
    void fail(const Trouble& trouble) override { then_(true, trouble); }

private:
    Then then_;
    bool is_done_ = false;
};

/// Completes when all work before it has.
class BarrierWork : public Work {
public:
    explicit BarrierWork(sdk::Done<> done) : done_(std::move(done)) {}
    void run(Commit& /*commit*/, bool /*careful*/) override {}
    void complete() override { done_.ok(); }
    void fail(const Trouble& /*trouble*/) override { done_.ok(); }

private:
    sdk::Done<> done_;
};

}  // namespace belfry::sqlite
