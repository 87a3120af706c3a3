#include "daemon/mailbox/envelope.hpp"

#include "daemon/mailbox/cloud_event.hpp"
#include "daemon/mailbox/event.hpp"

#include <algorithm>
#include <utility>

namespace belfry {

EnvelopeReader::EnvelopeReader(config::EnvelopeSettings settings, const std::string& source)
    : settings_(std::move(settings)), plain_(settings_.plain, source) {}

Accepted<Event> EnvelopeReader::to_event(Message message) const {
    const bool is_plain =
        settings_.envelope == config::Envelope::plain ||
        (settings_.envelope == config::Envelope::automatic && !is_cloud_event(message));
    return is_plain ? plain_.read(std::move(message)) : read_cloud_event(std::move(message));
}

Accepted<Draft> EnvelopeReader::read(Message message) const {
    if (message.body.size() > settings_.max_bytes) {
        return reject(Rejection::oversize,
                      "the body: expected at most " + std::to_string(settings_.max_bytes) +
                          " bytes, found " + std::to_string(message.body.size()));
    }
    auto event = to_event(std::move(message));
    if (!event) {
        return std::unexpected(std::move(event.error()));
    }
    if (!settings_.types.empty() &&
        std::ranges::find(settings_.types, event->type) == settings_.types.end()) {
        return reject(Rejection::unknown_type, "the event is of none that the source takes");
    }
    auto draft = draft_from(*std::move(event));
    if (!draft) {
        return undecodable(std::move(draft.error().message));
    }
    return *std::move(draft);
}

}  // namespace belfry
