#include "daemon/ops/mailbox_marks.hpp"

#include "daemon/mailbox/token.hpp"
#include "daemon/ops/mailbox_target.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <atomic>
#include <memory>
#include <optional>
#include <utility>

namespace belfry::ops {
namespace {

namespace json = boost::json;

void submit(Mailbox& mailbox, Mark mark, Callback<Reply> done) {
    mailbox.mark(std::move(mark), [done = std::move(done)](Result<Mailbox::Marked> marked) mutable {
        if (!marked) {
            done(std::unexpected(std::move(marked.error())));
            return;
        }
        done(Reply{.status = 0,
                   .json = R"({"changed":)" + std::to_string(marked->changed) + R"(,"unread":)" +
                           std::to_string(marked->unread) + '}',
                   .headers = {}});
    });
}

/// A token of another epoch names entries that are no more.
void mark_up_to(Mailbox& mailbox, Mark mark, std::string_view text, Executor& home,
                Callback<Reply> done) {
    const auto token = Token::parse(text);
    if (!token) {
        done(fail(Code::invalid, "up_to: expected an entry's token", "/up_to"));
        return;
    }
    mark.up_to = token->seq;
    mark.epoch = token->epoch;
    const std::string stream = mark.stream;
    mailbox.heads(
        {&stream, 1}, home,
        [&mailbox, mark = std::move(mark), epoch = token->epoch,
         done = std::move(done)](Result<std::vector<Head>> heads) mutable {
            if (!heads) {
                done(std::unexpected(std::move(heads.error())));
            } else if (heads->front().epoch != epoch) {
                done(fail(Code::gone, "up_to: the mailbox has begun anew since", "/up_to"));
            } else {
                submit(mailbox, std::move(mark), std::move(done));
            }
        });
}

/// Finds the seqs of ids; ids that are not in the stream are passed over.
class Search {
public:
    Search(Mailbox& mailbox, Mark mark, std::size_t ids, Callback<Reply> done)
        : mailbox_(mailbox), mark_(std::move(mark)), seqs_(ids), left_(ids),
          done_(std::move(done)) {}

    /// Any thread; the last one goes on.
    void found(std::size_t index, const Result<Page>& page) {
        seqs_[index] = page && !page->entries.empty() ? page->entries.front().seq : 0;
        if (!page) {
            failed_.store(true, std::memory_order_relaxed);
        }
        if (left_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
            finish();
        }
    }

private:
    void finish() {
        if (failed_.load(std::memory_order_relaxed)) {
            done_(fail(Code::unavailable, "the storage could not look up every id"));
            return;
        }
        for (const std::uint64_t seq : seqs_) {
            if (seq != 0) {
                mark_.seqs.push_back(seq);
            }
        }
        submit(mailbox_, std::move(mark_), std::move(done_));
    }

    Mailbox& mailbox_;
    Mark mark_;
    std::vector<std::uint64_t> seqs_;
    std::atomic<std::size_t> left_;
    std::atomic<bool> failed_{false};
    Callback<Reply> done_;
};

void mark_ids(Mailbox& mailbox, Mark mark, const json::array& ids, Executor& home,
              Callback<Reply> done) {
    if (ids.empty()) {
        submit(mailbox, std::move(mark), std::move(done));
        return;
    }
    ReadQuery query{
        .stream = mark.stream, .backward = true, .limit = 1, .notification_id = {}, .type = {}};
    const auto search =
        std::make_shared<Search>(mailbox, std::move(mark), ids.size(), std::move(done));
    for (std::size_t i = 0; i < ids.size(); ++i) {
        query.notification_id = std::string_view(ids[i].get_string());
        mailbox.read(query, home,
                     [search, i](const Result<Page>& page) { search->found(i, page); });
    }
}

void mark_seqs(Mailbox& mailbox, Mark mark, const json::array& seqs, Callback<Reply> done) {
    for (const json::value& seq : seqs) {
        mark.seqs.push_back(static_cast<std::uint64_t>(seq.get_int64()));
    }
    submit(mailbox, std::move(mark), std::move(done));
}

}  // namespace

void mark_read(Mailbox& mailbox, const Call& call, Callback<Reply> done) {
    auto target = find_target(call);
    if (!target) {
        done(std::unexpected(std::move(target.error())));
        return;
    }
    const json::object& input = call.input.get_object();
    const json::value* up_to = input.if_contains("up_to");
    const json::value* ids = input.if_contains("ids");
    const json::value* seqs = input.if_contains("seqs");
    if ((up_to != nullptr) + (ids != nullptr) + (seqs != nullptr) != 1) {
        done(fail(Code::invalid, "expected exactly one of up_to, ids and seqs"));
        return;
    }
    Mark mark;
    mark.stream = std::move(target->stream);
    const json::value* unread = input.if_contains("unread");
    (unread != nullptr && unread->get_bool() ? mark.clear : mark.set) = kStateRead;
    if (up_to != nullptr) {
        mark_up_to(mailbox, std::move(mark), up_to->get_string(), call.home, std::move(done));
    } else if (ids != nullptr) {
        mark_ids(mailbox, std::move(mark), ids->get_array(), call.home, std::move(done));
    } else {
        mark_seqs(mailbox, std::move(mark), seqs->get_array(), std::move(done));
    }
}

}  // namespace belfry::ops
