#include "plugins/broker/nats/publisher.hpp"

#include <boost/json.hpp>

#include <utility>

namespace belfry::nats {

namespace json = boost::json;

namespace {

constexpr std::size_t kMostUnconfirmed = 4'096;
constexpr std::size_t kMostBytes = 64U << 20U;
constexpr std::int64_t kRetryWhenFull = 50'000'000;
constexpr std::int64_t kServerError = 500;
constexpr std::int64_t kNotFound = 404;

/// JetStream's refusal: its `code` says whose fault it is.
Publisher::Result refusal_of(const std::string& subject, const json::object& error) {
    const auto* code = error.if_contains("code");
    const auto* text = error.if_contains("description");
    const auto number = code != nullptr && code->is_int64() ? code->get_int64() : kServerError;
    auto status = number >= kServerError ? sdk::Status::retry : sdk::Status::invalid;
    status = number == kNotFound ? sdk::Status::not_found : status;
    std::string message = subject + ": JetStream refuses it";
    if (text != nullptr && text->is_string()) {
        message += ": " + std::string(std::string_view(text->get_string()));
    }
    return {status, message};
}

}  // namespace

Publisher::Publisher(Loop& loop, Confirms& confirms, const Settings& settings, sdk::Env env)
    : loop_(loop), confirms_(confirms), settings_(settings),
      unconfirmed_(env.gauge("nats_unconfirmed", "Messages published and not confirmed yet")) {}

void Publisher::attach(std::shared_ptr<Link> link) {
    link_ = std::move(link);
    max_payload_ = link_->max_payload();
}

void Publisher::publish(const bf_message& message, sdk::Done<> done) {
    auto draft = draft_of(message);
    auto outgoing = make_outgoing(draft);
    const auto bytes = draft.body.size();
    reserve(bytes);
    loop_.post([this, bytes, outgoing = std::move(outgoing), done = std::move(done)]() mutable {
        send(std::move(outgoing),
             [this, bytes, done = std::move(done)](const Result& result) mutable {
                 release(bytes);
                 if (result.status == sdk::Status::ok) {
                     done.ok();
                 } else {
                     done.fail(result.status, result.message, result.retry_after);
                 }
             });
    });
}

void Publisher::publish(Draft draft, Handler handler) {
    try {
        send(make_outgoing(draft), std::move(handler));
    } catch (const sdk::Failure& failure) {
        handler({failure.status, failure.what()});
    }
}

Publisher::Outgoing Publisher::make_outgoing(Draft& draft) {
    Outgoing outgoing;
    outgoing.subject = draft.subject;
    outgoing.reply = confirms_.new_reply();
    outgoing.is_core = settings_.is_core(draft.subject);
    if (!outgoing.is_core) {
        draft.reply = outgoing.reply;
    }
    std::size_t size = draft.body.size();
    for (const auto& [name, value] : draft.headers) {
        size += name.size() + value.size() + 4;
    }
    const auto most = max_payload_.load();
    if (most > 0 && size + 16 > static_cast<std::size_t>(most)) {
        throw sdk::Failure(sdk::Status::invalid,
                           draft.subject + ": a message of " + std::to_string(size) +
                               " bytes; the server takes " + std::to_string(most));
    }
    outgoing.message = make_message(draft);
    return outgoing;
}

void Publisher::reserve(std::size_t bytes) {
    const auto count = ++count_;
    const auto total = bytes_ += bytes;
    if (count > kMostUnconfirmed || (count > 1 && total > kMostBytes)) {
        release(bytes);
        throw sdk::Failure(sdk::Status::retry, "too many messages are unconfirmed", kRetryWhenFull);
    }
}

void Publisher::release(std::size_t bytes) {
    --count_;
    bytes_ -= bytes;
    unconfirmed_.set(static_cast<double>(count_.load()));
}

void Publisher::send(Outgoing outgoing, Handler handler) {
    if (link_ == nullptr) {
        handler({sdk::Status::unavailable, "no connection to " + settings_.place()});
        return;
    }
    auto status = link_->send(outgoing.message);
    if (status == NATS_OK && outgoing.is_core) {
        // It comes back behind the message: then the server has that, too.
        status = link_->send(outgoing.reply, {}) ? NATS_OK : NATS_CONNECTION_CLOSED;
    }
    if (status != NATS_OK) {
        const bool is_too_large = status == NATS_MAX_PAYLOAD;
        handler({is_too_large ? sdk::Status::invalid : sdk::Status::retry,
                 outgoing.subject + ": " + natsStatus_GetText(status)});
        return;
    }
    confirms_.expect(
        outgoing.reply, [subject = std::move(outgoing.subject), is_core = outgoing.is_core,
                         handler = std::move(handler)](Message answer) mutable {
            handler(answer != nullptr && is_core ? Result{} : result_of(subject, answer));
        });
}

Publisher::Result Publisher::result_of(const std::string& subject, const Message& answer) {
    if (answer == nullptr) {
        return {sdk::Status::retry, subject + ": no confirmation from JetStream"};
    }
    if (status_of(header_block(answer)) == "503") {
        return {sdk::Status::not_found, subject + ": no stream keeps this subject"};
    }
    const auto body = body_of(answer);
    json::error_code failed;
    const auto document = json::parse(json::string_view(body.data(), body.size()), failed);
    const auto* object = failed ? nullptr : document.if_object();
    if (object == nullptr) {
        return {sdk::Status::retry, subject + ": an answer that is not JetStream's"};
    }
    if (const auto* error = object->if_contains("error"); error != nullptr && error->is_object()) {
        return refusal_of(subject, error->get_object());
    }
    if (!object->contains("stream")) {
        return {sdk::Status::retry, subject + ": an answer that is not JetStream's"};
    }
    return {};
}

}  // namespace belfry::nats
