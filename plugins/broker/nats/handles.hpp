/// The library's objects, owned.
#pragma once

#include <nats/nats.h>

#include <memory>
#include <string>
#include <string_view>

namespace belfry::nats {

struct Release {
    void operator()(natsMsg* message) const { natsMsg_Destroy(message); }
    void operator()(natsOptions* options) const { natsOptions_Destroy(options); }
    void operator()(natsSubscription* subscription) const {
        natsSubscription_Destroy(subscription);
    }
};

using Message = std::unique_ptr<natsMsg, Release>;
using OptionsHandle = std::unique_ptr<natsOptions, Release>;
using SubscriptionHandle = std::unique_ptr<natsSubscription, Release>;

/// What the message points to; lives as long as it does.
inline std::string_view subject_of(const Message& message) {
    return natsMsg_GetSubject(message.get());
}
/// Empty where nobody waits for an answer.
inline std::string_view reply_of(const Message& message) {
    const char* reply = natsMsg_GetReply(message.get());
    return reply == nullptr ? std::string_view() : std::string_view(reply);
}
inline std::string_view body_of(const Message& message) {
    const int length = natsMsg_GetDataLength(message.get());
    return {natsMsg_GetData(message.get()), length < 0 ? 0 : static_cast<std::size_t>(length)};
}

}  // namespace belfry::nats
