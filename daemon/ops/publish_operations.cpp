#include "daemon/base/json_slices.hpp"
#include "daemon/base/json_text.hpp"
#include "daemon/mailbox/names.hpp"
#include "daemon/ops/core_operations.hpp"
#include "daemon/ops/publish_input.hpp"

#include <boost/json/array.hpp>

#include <atomic>
#include <memory>
#include <utility>

namespace belfry::ops {
namespace {

namespace json = boost::json;

constexpr std::string_view kMostOfBatch = "1000";

std::vector<std::string> producers() { return {std::string(kRoleProducer)}; }

Reply to_reply(const Published& published, const std::vector<std::string>& streams) {
    Reply reply{.status = published.duplicate ? 200U : 0U, .json = {}, .headers = {}};
    append_published(reply.json, published, streams);
    reply.json += '}';
    return reply;
}

void publish_draft(Mailbox& mailbox, Result<Draft> draft, Callback<Reply> done) {
    if (!draft) {
        done(std::unexpected(std::move(draft.error())));
        return;
    }
    auto streams = draft->streams;
    mailbox.publish(std::move(*draft), [streams = std::move(streams), done = std::move(done)](
                                           Result<Published> published) mutable {
        done(published ? Result<Reply>(to_reply(*published, streams))
                       : std::unexpected(std::move(published.error())));
    });
}

/// What became of each notification of a batch.
class Batch {
public:
    Batch(std::size_t size, Callback<Reply> done)
        : items_(size), left_(size), done_(std::move(done)) {}

    /// Any thread; the last one answers.
    void settle(std::size_t index, Result<Published> result) {
        items_[index].result = std::move(result);
        if (left_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
            done_(Reply{.status = 0, .json = print(), .headers = {}});
        }
    }
    void set_streams(std::size_t index, std::vector<std::string> streams) {
        items_[index].streams = std::move(streams);
    }

private:
    struct Item {
        std::vector<std::string> streams;
        Result<Published> result;
    };

    static void append_error(std::string& out, const Error& error) {
        out += R"({"code":")";
        out += name_of(error.code);
        out += R"(","detail":)";
        append_json(out, error.message);
        if (!error.pointer.empty()) {
            out += R"(,"pointer":)";
            append_json(out, error.pointer);
        }
    }

    [[nodiscard]] std::string print() const {
        constexpr std::size_t kUsual = 160;
        std::string out = R"({"results":[)";
        out.reserve(items_.size() * kUsual);
        for (const Item& item : items_) {
            unsigned status = 0;
            if (item.result) {
                append_published(out, *item.result, item.streams);
                status = item.result->duplicate ? 200 : 201;
            } else {
                append_error(out, item.result.error());
                status = net::status_of(item.result.error().code);
            }
            out += R"(,"status":)" + std::to_string(status) + "},";
        }
        out.back() = ']';
        out += '}';
        return out;
    }

    std::vector<Item> items_;
    std::atomic<std::size_t> left_;
    Callback<Reply> done_;
};

Result<Draft> read_item(const InputSchema& schema, const json::value& item, std::string_view text) {
    if (auto checked = schema.check(item); !checked) {
        return std::unexpected(std::move(checked.error()));
    }
    return to_draft(item.get_object(), text);
}

void publish_batch(Mailbox& mailbox, const InputSchema& schema, const Call& call,
                   Callback<Reply> done) {
    const json::array& items = call.input.get_array();
    const auto texts = raw_items(call.text);
    const auto batch = std::make_shared<Batch>(items.size(), std::move(done));
    for (std::size_t i = 0; i < items.size(); ++i) {
        auto draft = read_item(schema, items[i], texts[i]);
        if (!draft) {
            batch->settle(i, std::unexpected(std::move(draft.error())));
            continue;
        }
        batch->set_streams(i, draft->streams);
        mailbox.publish(std::move(*draft), [batch, i](Result<Published> published) {
            batch->settle(i, std::move(published));
        });
    }
}

Operation publish_operation(Mailbox& mailbox) {
    Operation operation;
    operation.name = "notifications.publish";
    operation.routes = {{"POST", "/v1/notifications"}};
    operation.summary = "Publish a notification; durable when answered. 200 for a duplicate.";
    operation.access = Access::roles;
    operation.roles = producers();
    operation.body = Body::json;
    operation.input = kPublishInput;
    operation.output = kPublishOutput;
    operation.status = 201;
    operation.handler = [&mailbox](const Call& call, Callback<Reply> done) {
        publish_draft(mailbox, to_draft(call.input.get_object(), call.text), std::move(done));
    };
    operation.prepare = [&mailbox](const Call& call) -> Result<Part> {
        auto draft = to_draft(call.input.get_object(), call.text);
        if (!draft) {
            return std::unexpected(std::move(draft.error()));
        }
        auto streams = draft->streams;
        auto append = mailbox.prepare(std::move(*draft));
        if (!append) {
            return std::unexpected(std::move(append.error()));
        }
        std::string id = append->notification->id;
        return Part{std::move(*append),
                    [streams = std::move(streams), id = std::move(id)](const OpResult& stored) {
                        return to_reply({stored.duplicate ? stored.id : id, stored.duplicate,
                                         stored.epochs, stored.seqs},
                                        streams)
                            .json;
                    }};
    };
    return operation;
}

Result<Operation> batch_operation(Mailbox& mailbox) {
    auto schema = InputSchema::parse(kPublishInput);
    if (!schema) {
        return std::unexpected(schema.error());
    }
    Operation operation;
    operation.name = "notifications.publish_batch";
    operation.routes = {{"POST", "/v1/notifications/batch"}};
    operation.summary = "Publish several notifications; each stands for itself, results in order.";
    operation.access = Access::roles;
    operation.roles = producers();
    operation.body = Body::json;
    operation.input = R"({"type": "array", "minItems": 1, "maxItems": )" +
                      std::string(kMostOfBatch) + R"(, "x-each": true, "items": )" +
                      std::string(kPublishInput) + "}";
    operation.output = R"({"type": "object", "required": ["results"], "properties": {"results": {
        "type": "array", "items": {"type": "object", "required": ["status"], "properties": {
          "status": {"type": "integer", "description": "As if it had been published alone."},
          "id": {"type": "string"}, "duplicate": {"type": "boolean"},
          "places": {"type": "array", "items": {"type": "object"}},
          "code": {"type": "string"}, "detail": {"type": "string"},
          "pointer": {"type": "string"}}}}}})";
    operation.handler = [&mailbox, schema = std::move(*schema)](const Call& call,
                                                                Callback<Reply> done) {
        publish_batch(mailbox, schema, call, std::move(done));
    };
    return operation;
}

Operation send_operation(Mailbox& mailbox) {
    Operation operation;
    operation.name = "notifications.send";
    operation.routes = {{"POST", "/v1/send/{user}"}};
    operation.summary = "Send a user the text that is the request's body.";
    operation.access = Access::roles;
    operation.roles = producers();
    operation.body = Body::text;
    operation.input = R"({"type": "object", "required": ["user", "body"], "properties": {
        "user": {"type": "string"}, "body": {"type": "string"},
        "title": {"type": "string"}, "type": {"type": "string"}}})";
    operation.output = kPublishOutput;
    operation.status = 201;
    operation.handler = [&mailbox](const Call& call, Callback<Reply> done) {
        json::object input = call.input.get_object();
        input["to"] = user_stream(std::string_view(input.at("user").get_string()));
        input.erase("user");
        publish_draft(mailbox, to_draft(input, {}), std::move(done));
    };
    return operation;
}

}  // namespace

Result<> add_publish_operations(Operations& operations, const CoreParts& parts) {
    auto batch = batch_operation(parts.mailbox);
    if (!batch) {
        return std::unexpected(batch.error());
    }
    auto added = operations.add(publish_operation(parts.mailbox));
    if (added) {
        added = operations.add(std::move(*batch));
    }
    return added ? operations.add(send_operation(parts.mailbox)) : added;
}

}  // namespace belfry::ops
