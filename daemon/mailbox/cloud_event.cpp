#include "daemon/mailbox/cloud_event.hpp"

#include "daemon/base/time_text.hpp"
#include "daemon/base/utf8.hpp"
#include "daemon/mailbox/media_type.hpp"
#include "daemon/mailbox/message_headers.hpp"
#include "daemon/mailbox/percent.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace belfry {
namespace {

constexpr std::string_view kStructured = "application/cloudevents+json";
constexpr std::string_view kAnyStructured = "application/cloudevents";

/// How a binding writes the names of attributes, in lower case.
struct Binding {
    std::string_view prefix;
    bool is_percent_encoded;
};
constexpr std::array kBindings{Binding{"ce-", true}, Binding{"ce_", false},
                               Binding{"cloudevents_", false}, Binding{"cloudevents:", false}};
constexpr std::array<std::string_view, 4> kRequired{"specversion", "id", "source", "type"};

bool is_required(std::string_view attribute) {
    return std::ranges::find(kRequired, attribute) != kRequired.end();
}

/// The bindings by which the message has required attributes.
std::vector<const Binding*> bindings_of(const Message& message) {
    std::vector<const Binding*> found;
    for (const auto& [header, value] : message.headers) {
        const std::string name = to_lower(header);
        for (const Binding& binding : kBindings) {
            if (name.starts_with(binding.prefix) &&
                is_required(std::string_view(name).substr(binding.prefix.size())) &&
                std::ranges::find(found, &binding) == found.end()) {
                found.push_back(&binding);
            }
        }
    }
    return found;
}

bool is_structured(const std::string& content_type) {
    return essence(content_type).starts_with(kAnyStructured);
}

/// Control characters are U+0000 to U+001F and U+007F to U+009F.
bool is_clean(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const bool is_high_control =
            byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
        if (byte < 0x20 || byte == 0x7f || is_high_control) {
            return false;
        }
    }
    return is_utf8(text);
}

std::string take(CloudAttributes& attributes, const std::string& name) {
    auto found = attributes.extract(name);
    return found.empty() ? std::string() : std::move(found.mapped());
}

Accepted<CloudAttributes> binary_attributes(const Message& message, const Binding& binding) {
    CloudAttributes attributes;
    for (const auto& [header, value] : message.headers) {
        const std::string name = to_lower(header);
        if (!name.starts_with(binding.prefix)) {
            continue;
        }
        std::string attribute = name.substr(binding.prefix.size());
        if (!is_attribute_name(attribute)) {
            continue;
        }
        if (!attributes
                 .emplace(std::move(attribute),
                          binding.is_percent_encoded ? decode_header(value) : value)
                 .second) {
            return undecodable("an attribute of the event is there twice");
        }
    }
    return attributes;
}

Accepted<Event> read_binary(Message message, std::string content_type) {
    const auto bindings = bindings_of(message);
    if (bindings.empty()) {
        return undecodable("no CloudEvent: neither its media type nor an attribute says so");
    }
    if (bindings.size() > 1) {
        return undecodable("attributes of the event by more than one binding");
    }
    auto attributes = binary_attributes(message, *bindings.front());
    if (!attributes) {
        return std::unexpected(std::move(attributes.error()));
    }
    std::string data_type = take(*attributes, "datacontenttype");
    auto event = to_event(std::move(*attributes));
    if (event) {
        event->content_type = content_type.empty() ? std::move(data_type) : std::move(content_type);
        event->data = std::move(message.body);
    }
    return event;
}

void add_trace(Event& event, const std::string* header) {
    const bool has_own = std::ranges::any_of(
        event.attributes, [](const auto& attribute) { return attribute.first == "traceparent"; });
    if (header != nullptr && !has_own) {
        event.attributes.emplace_back("traceparent", *header);
    }
}

}  // namespace

bool is_attribute_name(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char byte) {
        return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
    });
}

Accepted<Event> to_event(CloudAttributes attributes) {
    for (const std::string_view required : kRequired) {
        const auto found = attributes.find(std::string(required));
        if (found == attributes.end() || found->second.empty()) {
            return undecodable("the event has no attribute " + std::string(required));
        }
    }
    for (const auto& [name, value] : attributes) {
        if (!is_clean(value)) {
            const bool is_known = is_required(name) || name == "subject";
            return undecodable((is_known ? name : "an extension") +
                               " of the event: expected UTF-8 without control characters");
        }
    }
    if (take(attributes, "specversion") != "1.0") {
        return undecodable("specversion of the event: expected 1.0");
    }
    Event event;
    event.id = take(attributes, "id");
    event.source = take(attributes, "source");
    event.type = take(attributes, "type");
    event.subject = take(attributes, "subject");
    event.time = parse_rfc3339(take(attributes, "time")).value_or(0);
    for (auto& [name, value] : attributes) {
        event.attributes.emplace_back(name, std::move(value));
    }
    return event;
}

bool is_cloud_event(const Message& message) {
    return is_structured(content_type_of(message)) || !bindings_of(message).empty();
}

Accepted<Event> read_cloud_event(Message message) {
    std::string content_type = content_type_of(message);
    const Nanos time = message.time;
    std::optional<std::string> trace;
    if (const std::string* header = find_header(message, "traceparent")) {
        trace = *header;
    }
    Accepted<Event> event;
    if (!is_structured(content_type)) {
        event = read_binary(std::move(message), std::move(content_type));
    } else if (essence(content_type) == kStructured) {
        event = read_structured_event(message.body);
    } else if (essence(content_type).starts_with("application/cloudevents-batch")) {
        event = undecodable("a batch of events: expected one event in a message");
    } else {
        event = undecodable("the format of the event: expected application/cloudevents+json");
    }
    if (event) {
        event->time = event->time == 0 ? time : event->time;
        add_trace(*event, trace ? &*trace : nullptr);
    }
    return event;
}

}  // namespace belfry
