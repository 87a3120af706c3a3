#include "daemon/mailbox/message_headers.hpp"

#include "daemon/mailbox/media_type.hpp"

namespace belfry {

const std::string* find_header(const Message& message, std::string_view name) {
    const std::string wanted = to_lower(name);
    for (const auto& [header, value] : message.headers) {
        if (header.size() == wanted.size() && to_lower(header) == wanted) {
            return &value;
        }
    }
    return nullptr;
}

std::string content_type_of(const Message& message) {
    if (!message.content_type.empty()) {
        return message.content_type;
    }
    const std::string* header = find_header(message, "content-type");
    return header == nullptr ? std::string() : *header;
}

}  // namespace belfry
