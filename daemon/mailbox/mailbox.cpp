#include "daemon/mailbox/mailbox.hpp"

#include "daemon/base/digest.hpp"
#include "daemon/base/utf8.hpp"
#include "daemon/mailbox/names.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace belfry {
namespace {

constexpr std::size_t kLongestKey = 200;
constexpr std::uint64_t kMarkedAtOnce = 2'000;

Result<> check_text(const std::string& text, std::size_t longest, const std::string& member) {
    if (text.size() > longest) {
        return fail(Code::too_large,
                    member + ": expected at most " + std::to_string(longest) + " bytes, found " +
                        std::to_string(text.size()),
                    "/" + member);
    }
    if (!is_utf8(text)) {
        return fail(Code::invalid, member + ": expected UTF-8", "/" + member);
    }
    if (text.contains('\0')) {
        return fail(Code::invalid, member + ": has a NUL in it", "/" + member);
    }
    return {};
}

Result<> check_streams(const std::vector<std::string>& streams, std::size_t most) {
    if (streams.empty() || streams.size() > most) {
        return fail(Code::invalid,
                    "to: expected 1 to " + std::to_string(most) + " recipients, found " +
                        std::to_string(streams.size()),
                    "/to");
    }
    for (std::size_t i = 0; i < streams.size(); ++i) {
        if (auto checked = check_stream(streams[i]); !checked) {
            return fail(Code::invalid, "to: " + checked.error().message,
                        "/to/" + std::to_string(i));
        }
    }
    return {};
}

/// A recipient named twice gets it once.
void keep_first_mentions(std::vector<std::string>& streams) {
    std::unordered_set<std::string> seen;
    std::erase_if(streams, [&](const std::string& stream) { return !seen.insert(stream).second; });
}

/// What makes two publications with one key the same.
std::string content_hash(const Draft& draft) {
    Sha256 hash;
    for (const std::string* part : {&draft.type, &draft.title, &draft.body, &draft.data,
                                    &draft.data_type, &draft.collapse_key}) {
        hash.add_sized(*part);
    }
    hash.add_sized(std::to_string(draft.priority));
    hash.add_sized(std::to_string(draft.expires_at));
    std::vector<std::string_view> streams(draft.streams.begin(), draft.streams.end());
    std::ranges::sort(streams);
    for (const std::string_view stream : streams) {
        hash.add_sized(stream);
    }
    return hash.finish();
}

}  // namespace

Mailbox::Mailbox(Ingest& ingest, Storage& storage, const Clock& clock, Random& random,
                 const MailboxLimits& limits)
    : ingest_(ingest), storage_(storage), clock_(clock), limits_(limits), ids_(clock, random) {}

Result<> Mailbox::check(const Draft& draft) const {
    if (auto checked = check_streams(draft.streams, limits_.recipients); !checked) {
        return checked;
    }
    struct Rule {
        const std::string& text;
        std::size_t longest;
        const char* member;
    };
    for (const Rule& rule :
         {Rule{draft.type, kLongestKey, "type"}, Rule{draft.title, limits_.text, "title"},
          Rule{draft.body, limits_.text, "body"}, Rule{draft.data_type, kLongestKey, "data_type"},
          Rule{draft.collapse_key, kLongestKey, "collapse_key"},
          Rule{draft.source, kLongestKey, "source"}, Rule{draft.event_id, kLongestKey, "event_id"},
          Rule{draft.trace, kLongestKey, "trace"}}) {
        if (auto checked = check_text(rule.text, rule.longest, rule.member); !checked) {
            return checked;
        }
    }
    if (draft.data.size() > limits_.data) {
        return fail(Code::too_large,
                    "data: expected at most " + std::to_string(limits_.data) + " bytes, found " +
                        std::to_string(draft.data.size()),
                    "/data");
    }
    if (draft.source.empty() != draft.event_id.empty()) {
        return fail(Code::invalid, "source and event_id: expected both or neither", "/event_id");
    }
    return {};
}

Append Mailbox::to_append(Draft draft) {
    Append append;
    if (!draft.event_id.empty()) {
        append.content_hash = content_hash(draft);
    }
    auto notification = std::make_shared<Notification>();
    notification->id = ids_.make();
    notification->priority = draft.priority;
    notification->type = std::move(draft.type);
    notification->title = std::move(draft.title);
    notification->body = std::move(draft.body);
    notification->data = std::move(draft.data);
    notification->data_type = std::move(draft.data_type);
    notification->collapse_key = std::move(draft.collapse_key);
    notification->created_at = clock_.now();
    notification->expires_at = draft.expires_at;
    notification->source = std::move(draft.source);
    notification->event_id = std::move(draft.event_id);
    notification->trace = std::move(draft.trace);
    append.notification = std::move(notification);
    append.streams = std::move(draft.streams);
    return append;
}

Result<Append> Mailbox::prepare(Draft draft) {
    if (auto checked = check(draft); !checked) {
        return std::unexpected(checked.error());
    }
    keep_first_mentions(draft.streams);
    return to_append(std::move(draft));
}

void Mailbox::publish(Draft draft, Callback<Published> done) {
    auto append = prepare(std::move(draft));
    if (!append) {
        done(std::unexpected(std::move(append.error())));
        return;
    }
    std::string id = append->notification->id;
    Group group;
    group.emplace_back(std::move(*append));
    ingest_.submit(std::move(group), [id = std::move(id), done = std::move(done)](
                                         Result<std::vector<OpResult>> result) mutable {
        if (!result) {
            done(std::unexpected(std::move(result.error())));
            return;
        }
        OpResult& stored = result->front();
        done(Published{stored.duplicate ? std::move(stored.id) : std::move(id), stored.duplicate,
                       std::move(stored.epochs), std::move(stored.seqs)});
    });
}

void Mailbox::mark(Mark mark, Callback<Marked> done) {
    mark.time = clock_.now();
    mark.limit = kMarkedAtOnce;
    mark_more(std::move(mark), 0, std::move(done));
}

void Mailbox::mark_more(Mark mark, std::uint64_t changed, Callback<Marked> done) {
    Group group;
    group.emplace_back(mark);
    ingest_.submit(std::move(group),
                   [this, mark = std::move(mark), changed,
                    done = std::move(done)](Result<std::vector<OpResult>> result) mutable {
                       if (!result) {
                           done(std::unexpected(std::move(result.error())));
                           return;
                       }
                       const OpResult& marked = result->front();
                       changed += marked.count;
                       if (marked.value[1] != 0) {
                           mark_more(std::move(mark), changed, std::move(done));
                       } else {
                           done(Marked{changed, marked.value[0]});
                       }
                   });
}

void Mailbox::acknowledge(MoveCursor cursor, Callback<> done) {
    cursor.time = clock_.now();
    cursor.keep = limits_.devices;
    Group group;
    group.emplace_back(std::move(cursor));
    ingest_.submit(std::move(group),
                   [done = std::move(done)](Result<std::vector<OpResult>> result) mutable {
                       if (!result) {
                           done(std::unexpected(std::move(result.error())));
                           return;
                       }
                       done({});
                   });
}

}  // namespace belfry
