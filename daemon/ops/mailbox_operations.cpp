#include "daemon/mailbox/names.hpp"
#include "daemon/mailbox/token.hpp"
#include "daemon/net/http_message.hpp"
#include "daemon/ops/core_operations.hpp"
#include "daemon/ops/entry_json.hpp"
#include "daemon/ops/mailbox_marks.hpp"
#include "daemon/ops/mailbox_target.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <memory>
#include <optional>
#include <utility>

namespace belfry::ops {
namespace {

namespace json = boost::json;

constexpr std::uint64_t kUsualPage = 50;

/// The stream that was read, and from where.
struct Listing {
    std::string stream;
    std::string path;
    std::string filter;  ///< of the query, to be repeated for the next page
    std::optional<Token> cursor;
};

Reply print_page(const Listing& listing, const Page& page) {
    Reply reply{.status = 0, .json = R"({"entries":[)", .headers = {}};
    for (const Entry& entry : page.entries) {
        if (!reply.json.ends_with('[')) {
            reply.json += ',';
        }
        append_entry(reply.json, listing.stream, page.head.epoch, entry);
    }
    reply.json += R"(],"unread":)" + std::to_string(page.head.unread);
    if (page.more) {
        const std::string next = Token{page.head.epoch, page.next}.print();
        reply.json += R"(,"next_cursor":")" + next + '"';
        reply.headers.emplace_back(
            "link", '<' + listing.path + "?cursor=" + next + listing.filter + ">; rel=\"next\"");
    }
    reply.json += '}';
    return reply;
}

Result<ReadQuery> to_query(const json::object& input, Listing& listing) {
    ReadQuery query{.stream = listing.stream,
                    .backward = true,
                    .limit = kUsualPage,
                    .notification_id = {},
                    .type = {}};
    if (const json::value* limit = input.if_contains("limit")) {
        query.limit = static_cast<std::uint64_t>(limit->get_int64());
        listing.filter += "&limit=" + std::to_string(query.limit);
    }
    if (const json::value* type = input.if_contains("type")) {
        query.type = std::string_view(type->get_string());
        listing.filter += "&type=" + net::percent_encode(query.type);
    }
    if (const json::value* unread = input.if_contains("unread");
        unread != nullptr && unread->get_bool()) {
        query.state_mask = kStateRead;
        listing.filter += "&unread=true";
    }
    if (const json::value* cursor = input.if_contains("cursor")) {
        listing.cursor = Token::parse(cursor->get_string());
        if (!listing.cursor || listing.cursor->seq == 0) {
            return fail(Code::invalid, "cursor: expected the next_cursor of an earlier page",
                        "/cursor");
        }
        query.after = listing.cursor->seq;
    }
    return query;
}

void list(Mailbox& mailbox, const Call& call, Callback<Reply> done) {
    auto target = find_target(call);
    if (!target) {
        done(std::unexpected(std::move(target.error())));
        return;
    }
    const json::object& input = call.input.get_object();
    Listing listing{target->stream, "/v1/mailbox", {}, {}};
    if (input.contains("user")) {
        listing.path = "/v1/users/" + net::percent_encode(target->user) + "/mailbox";
    }
    const auto query = to_query(input, listing);
    if (!query) {
        done(std::unexpected(query.error()));
        return;
    }
    mailbox.read(
        *query, call.home,
        [listing = std::move(listing), done = std::move(done)](Result<Page> page) mutable {
            if (!page) {
                done(std::unexpected(std::move(page.error())));
            } else if (listing.cursor && listing.cursor->epoch != page->head.epoch) {
                done(fail(Code::gone, "cursor: the mailbox has begun anew since", "/cursor"));
            } else {
                done(print_page(listing, *page));
            }
        });
}

void get(Mailbox& mailbox, const Call& call, Callback<Reply> done) {
    auto target = find_target(call);
    if (!target) {
        done(std::unexpected(std::move(target.error())));
        return;
    }
    ReadQuery query{.stream = std::move(target->stream),
                    .backward = true,
                    .limit = 1,
                    .notification_id = {},
                    .type = {}};
    query.notification_id = std::string_view(call.input.get_object().at("id").get_string());
    const std::string stream = query.stream;
    mailbox.read(query, call.home, [stream, done = std::move(done)](Result<Page> page) mutable {
        if (!page) {
            done(std::unexpected(std::move(page.error())));
        } else if (page->entries.empty()) {
            done(fail(Code::not_found, "no such notification"));
        } else {
            Reply reply;
            append_entry(reply.json, stream, page->head.epoch, page->entries.front());
            done(std::move(reply));
        }
    });
}

void unread(Mailbox& mailbox, const Call& call, Callback<Reply> done) {
    auto target = find_target(call);
    if (!target) {
        done(std::unexpected(std::move(target.error())));
        return;
    }
    mailbox.heads(
        {&target->stream, 1}, call.home,
        [done = std::move(done)](Result<std::vector<Head>> heads) mutable {
            if (!heads) {
                done(std::unexpected(std::move(heads.error())));
                return;
            }
            const Head& head = heads->front();
            done(Reply{.status = 0,
                       .json = R"({"unread":)" + std::to_string(head.unread) + R"(,"token":")" +
                               Token{head.epoch, head.head}.print() + "\"}",
                       .headers = {}});
        });
}

std::vector<Route> routes(const std::string& method, const std::string& rest) {
    return {{method, "/v1/mailbox" + rest}, {method, "/v1/users/{user}/mailbox" + rest}};
}

Operation list_operation(Mailbox& mailbox) {
    Operation operation;
    operation.name = "mailbox.list";
    operation.routes = routes("GET", "");
    operation.summary = "List a mailbox, newest first.";
    operation.input = R"({"type": "object", "properties": {
        "user": {"type": "string", "description": "Whose; only an admin may name another than himself."},
        "limit": {"type": "integer", "minimum": 1, "maximum": 200, "description": "50 where it is missing."},
        "cursor": {"type": "string", "description": "next_cursor of the page before."},
        "unread": {"type": "boolean", "description": "true: only what is unread."},
        "type": {"type": "string", "description": "Only this type."}}})";
    operation.output = R"({"type": "object", "required": ["entries", "unread"], "properties": {
        "entries": {"type": "array", "items": )" +
                       std::string(kEntrySchema) + R"(},
        "unread": {"type": "integer", "description": "Of the whole mailbox."},
        "next_cursor": {"type": "string", "description": "Missing on the last page. A page may be short, even empty, and have one."}}})";
    operation.handler = [&mailbox](const Call& call, Callback<Reply> done) {
        list(mailbox, call, std::move(done));
    };
    return operation;
}

Operation get_operation(Mailbox& mailbox) {
    Operation operation;
    operation.name = "mailbox.get";
    operation.routes = routes("GET", "/{id}");
    operation.summary = "One notification of a mailbox, by its id.";
    operation.input = R"({"type": "object", "required": ["id"], "properties": {
        "user": {"type": "string"}, "id": {"type": "string", "minLength": 1}}})";
    operation.output = kEntrySchema;
    operation.handler = [&mailbox](const Call& call, Callback<Reply> done) {
        get(mailbox, call, std::move(done));
    };
    return operation;
}

Operation read_operation(Mailbox& mailbox) {
    Operation operation;
    operation.name = "mailbox.read";
    operation.routes = routes("POST", "/read");
    operation.summary = "Mark entries read, or unread again.";
    operation.body = Body::json;
    operation.input = R"({"type": "object", "properties": {
        "user": {"type": "string"},
        "up_to": {"type": "string", "description": "A token: this entry and all before it."},
        "ids": {"type": "array", "maxItems": 100, "items": {"type": "string", "minLength": 1}},
        "seqs": {"type": "array", "maxItems": 1000, "items": {"type": "integer", "minimum": 1}},
        "unread": {"type": "boolean", "description": "true: mark them unread."}}})";
    operation.output = R"({"type": "object", "required": ["changed", "unread"], "properties": {
        "changed": {"type": "integer", "description": "Entries that were not so before."},
        "unread": {"type": "integer", "description": "Left in the mailbox."}}})";
    operation.handler = [&mailbox](const Call& call, Callback<Reply> done) {
        mark_read(mailbox, call, std::move(done));
    };
    return operation;
}

Operation unread_operation(Mailbox& mailbox) {
    Operation operation;
    operation.name = "mailbox.unread";
    operation.routes = routes("GET", "/unread");
    operation.summary = "How many entries are unread, and the token of the newest.";
    operation.input = R"({"type": "object", "properties": {"user": {"type": "string"}}})";
    operation.output = R"({"type": "object", "required": ["unread", "token"], "properties": {
        "unread": {"type": "integer"}, "token": {"type": "string"}}})";
    operation.handler = [&mailbox](const Call& call, Callback<Reply> done) {
        unread(mailbox, call, std::move(done));
    };
    return operation;
}

}  // namespace

Result<> add_mailbox_operations(Operations& operations, const CoreParts& parts) {
    for (auto make : {list_operation, get_operation, read_operation, unread_operation}) {
        if (auto added = operations.add(make(parts.mailbox)); !added) {
            return added;
        }
    }
    return {};
}

}  // namespace belfry::ops
