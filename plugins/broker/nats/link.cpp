#include "plugins/broker/nats/link.hpp"

#include "plugins/broker/nats/connect.hpp"
#include "plugins/broker/nats/headers.hpp"

#include <algorithm>
#include <utility>

namespace belfry::nats {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000;
constexpr int kNoLimit = -1;

void require_answer(natsStatus status, const Message& answer, const std::string& subject) {
    if (status == NATS_NO_RESPONDERS ||
        (status == NATS_OK && status_of(header_block(answer)) == "503")) {
        throw sdk::Failure(sdk::Status::unavailable, subject + ": nobody answers");
    }
    if (status != NATS_OK) {
        throw failure_of(status, subject);
    }
}

}  // namespace

/// What the library's thread for a subscription uses; it keeps it alive until it has ended.
class Link::Subscription {
public:
    using Shared = std::shared_ptr<Subscription>;

    explicit Subscription(Handler handler) : handler_(std::move(handler)) {}

    static void begin(const Shared& self, natsConnection* connection, const Interest& interest) {
        const char* queue = interest.queue.empty() ? nullptr : interest.queue.c_str();
        natsSubscription* made = nullptr;
        const auto status =
            queue == nullptr
                ? natsConnection_Subscribe(&made, connection, interest.subject.c_str(), &on_message,
                                           self.get())
                : natsConnection_QueueSubscribe(&made, connection, interest.subject.c_str(), queue,
                                                &on_message, self.get());
        if (status != NATS_OK) {
            throw failure_of(status, "subscription to " + interest.subject);
        }
        self->made_.reset(made);
        const int limit = interest.max_waiting > 0 ? interest.max_waiting : kNoLimit;
        natsSubscription_SetPendingLimits(made, limit, kNoLimit);
        self->is_running_ = true;
        // Where the connection is lost by now nothing will ever call back: the object stays, so
        // that a message on its way finds it.
        auto own = std::make_unique<Shared>(self);
        Shared* kept = own.release();
        if (natsSubscription_SetOnCompleteCB(made, &on_complete, kept) != NATS_OK) {
            self->is_running_ = false;
            throw sdk::Failure(sdk::Status::unavailable,
                               "subscription to " + interest.subject + ": connection lost");
        }
    }

    void end() { natsSubscription_Unsubscribe(made_.get()); }

    void wait() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return !is_running_; });
    }

    Shared self;  ///< while its user has it

private:
    static void on_message(natsConnection* /*connection*/, natsSubscription* /*subscription*/,
                           natsMsg* message, void* self) {
        static_cast<Subscription*>(self)->handler_(Message(message));
    }

    static void on_complete(void* kept) {
        const std::unique_ptr<Shared> own(static_cast<Shared*>(kept));
        const std::lock_guard lock((*own)->mutex_);
        (*own)->is_running_ = false;
        (*own)->changed_.notify_all();
    }

    const Handler handler_;
    SubscriptionHandle made_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool is_running_ = false;
};

void Link::End::operator()(Subscription* subscription) const {
    const auto self = std::exchange(subscription->self, nullptr);
    self->end();
}

Link::Link(const Settings& settings, sdk::Env env, Lost lost)
    : env_(env), lost_(std::move(lost)), timeout_(settings.request_timeout / kMillisecond) {
    const auto options = make_options(settings);
    natsOptions_SetClosedCB(options.get(), &Link::on_closed, this);
    natsOptions_SetErrorHandler(options.get(), &Link::on_error, this);
    const auto status = natsConnection_Connect(&connection_, options.get());
    if (status != NATS_OK) {
        throw failure_of(status, "no connection");
    }
}

Link::~Link() {
    natsConnection_Close(connection_);
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return closed_; });
    }
    for (const auto& weak : subscriptions_) {
        if (const auto subscription = weak.lock()) {
            subscription->wait();
        }
    }
    natsConnection_Destroy(connection_);
}

Link::Subscribed Link::subscribe(const Interest& interest, Handler handler) {
    const auto made = std::make_shared<Subscription>(std::move(handler));
    {
        const std::lock_guard lock(mutex_);
        std::erase_if(subscriptions_, [](const auto& weak) { return weak.expired(); });
        subscriptions_.push_back(made);
    }
    Subscription::begin(made, connection_, interest);
    made->self = made;
    return Subscribed(made.get());
}

bool Link::send(const std::string& subject, std::string_view body) const {
    return natsConnection_Publish(connection_, subject.c_str(), body.data(),
                                  static_cast<int>(body.size())) == NATS_OK;
}

natsStatus Link::send(const Message& message) const {
    return natsConnection_PublishMsg(connection_, message.get());
}

Message Link::request(const std::string& subject, std::string_view body) const {
    natsMsg* answer = nullptr;
    const auto status = natsConnection_Request(&answer, connection_, subject.c_str(), body.data(),
                                               static_cast<int>(body.size()), timeout_);
    Message owned(answer);
    require_answer(status, owned, subject);
    return owned;
}

Message Link::request(const Message& message) const {
    natsMsg* answer = nullptr;
    const auto status = natsConnection_RequestMsg(&answer, connection_, message.get(), timeout_);
    Message owned(answer);
    require_answer(status, owned, std::string(subject_of(message)));
    return owned;
}

bool Link::flush() const { return natsConnection_FlushTimeout(connection_, timeout_) == NATS_OK; }

std::int64_t Link::max_payload() const { return natsConnection_GetMaxPayload(connection_); }

void Link::on_closed(natsConnection* connection, void* self) {
    auto& link = *static_cast<Link*>(self);
    const char* text = nullptr;
    const auto status = natsConnection_GetLastError(connection, &text);
    std::string reason = natsStatus_GetText(status);
    if (text != nullptr && *text != '\0') {
        reason = text;
    }
    link.lost_(reason);
    const std::lock_guard lock(link.mutex_);
    link.closed_ = true;
    link.changed_.notify_all();
}

void Link::on_error(natsConnection* connection, natsSubscription* /*subscription*/,
                    natsStatus status, void* self) {
    const char* text = nullptr;
    natsConnection_GetLastError(connection, &text);
    static_cast<Link*>(self)->env_.log(
        sdk::Level::warning, "the server reports an error",
        {{"status", natsStatus_GetText(status)}, {"error", text == nullptr ? "" : text}});
}

}  // namespace belfry::nats
