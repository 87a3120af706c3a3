/// What the writer's thread is asked to do.
#pragma once

#include "plugins/storage/postgresql/request.hpp"
#include "plugins/storage/postgresql/trouble.hpp"

#include <belfry/storage.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace belfry::postgresql {

/// One call. Either complete() or fail() is called once, behind the end of its transaction.
class Work {
public:
    enum class Kind {
        commit,   ///< may share a transaction with other commits
        claim,    ///< has one of its own
        barrier,  ///< completes when all work before it has
    };

    explicit Work(Kind kind) : kind_(kind) {}
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;
    virtual ~Work() = default;

    virtual void complete() = 0;
    virtual void fail(const Trouble& trouble) = 0;

    [[nodiscard]] Kind kind() const { return kind_; }
    [[nodiscard]] virtual std::size_t groups() const { return 1; }
    [[nodiscard]] virtual std::size_t bytes() const { return 0; }

private:
    Kind kind_;
};

class CommitWork : public Work {
public:
    CommitWork(std::unique_ptr<Request> request, sdk::Done<sdk::Committed> done)
        : Work(Kind::commit), request_(std::move(request)), done_(std::move(done)) {}

    void complete() override { done_.ok(result_); }
    void fail(const Trouble& trouble) override { done_.fail(trouble.failure()); }

    [[nodiscard]] const std::vector<Request::Group>& requests() const { return request_->groups(); }
    /// One for each group; fill them again where a transaction is run again.
    [[nodiscard]] std::vector<sdk::GroupResult>& results() { return result_.groups; }
    [[nodiscard]] std::size_t groups() const override { return request_->groups().size(); }
    [[nodiscard]] std::size_t bytes() const override { return request_->bytes(); }

private:
    std::unique_ptr<Request> request_;
    sdk::Committed result_;
    sdk::Done<sdk::Committed> done_;
};

struct ClaimQuery {
    std::string queue;
    std::int64_t now = 0;
    std::int64_t until = 0;
    std::uint64_t limit = 0;
};

class ClaimWork : public Work {
public:
    ClaimWork(ClaimQuery query, sdk::Done<sdk::Jobs> done)
        : Work(Kind::claim), query_(std::move(query)), done_(std::move(done)) {}

    void complete() override { done_.ok(result_); }
    void fail(const Trouble& trouble) override { done_.fail(trouble.failure()); }

    [[nodiscard]] const ClaimQuery& query() const { return query_; }
    [[nodiscard]] sdk::Jobs& result() { return result_; }

private:
    ClaimQuery query_;
    sdk::Jobs result_;
    sdk::Done<sdk::Jobs> done_;
};

class BarrierWork : public Work {
public:
    explicit BarrierWork(sdk::Done<> done) : Work(Kind::barrier), done_(std::move(done)) {}
    void complete() override { done_.ok(); }
    void fail(const Trouble& /*trouble*/) override { done_.ok(); }

private:
    sdk::Done<> done_;
};

}  // namespace belfry::postgresql
