#include "plugins/broker/nats/headers.hpp"

#include <algorithm>
#include <functional>

namespace belfry::nats {
namespace {

constexpr std::string_view kVersion = "NATS/1.0";
constexpr std::size_t kStatusDigits = 3;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    const auto last = text.find_last_not_of(" \t");
    return first == std::string_view::npos ? std::string_view()
                                           : text.substr(first, last - first + 1);
}

/// Takes a line without its end.
std::string_view take_line(std::string_view& rest) {
    const auto end = rest.find("\r\n");
    const auto line = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 2);
    return line;
}

std::string_view status_line(std::string_view block) {
    const auto line = take_line(block);
    return line.starts_with(kVersion) ? trim(line.substr(kVersion.size())) : std::string_view();
}

}  // namespace

std::string_view header_block(const Message& message) {
    // A message is one block of memory: subject, reply if there is one, headers if there are any,
    // data, each with a NUL behind it.
    const char* reply = natsMsg_GetReply(message.get());
    const std::string_view last =
        reply == nullptr ? std::string_view(natsMsg_GetSubject(message.get())) : reply;
    const char* begin = last.data() + last.size() + 1;
    const char* data = natsMsg_GetData(message.get());
    if (!std::less<>()(begin, data)) {
        return {};
    }
    const std::string_view block(begin, static_cast<std::size_t>(data - begin - 1));
    return block.starts_with(kVersion) ? block : std::string_view();
}

Headers parse_headers(std::string_view block) {
    Headers headers;
    take_line(block);
    while (!block.empty()) {
        const auto line = take_line(block);
        const auto colon = line.find(':');
        if (colon != std::string_view::npos) {
            headers.emplace_back(trim(line.substr(0, colon)), trim(line.substr(colon + 1)));
        }
    }
    return headers;
}

std::string_view status_of(std::string_view block) {
    const auto status = status_line(block).substr(0, kStatusDigits);
    const bool is_number = std::ranges::all_of(status, [](char c) { return c >= '0' && c <= '9'; });
    return is_number ? status : std::string_view();
}

std::string_view status_text(std::string_view block) {
    const auto line = status_line(block);
    return line.size() > kStatusDigits ? trim(line.substr(kStatusDigits)) : std::string_view();
}

bool is_same_name(std::string_view one, std::string_view other) {
    return std::ranges::equal(one, other, {}, lower, lower);
}

std::string_view find_header(const Headers& headers, std::string_view name) {
    for (const auto& [found, value] : headers) {
        if (is_same_name(found, name)) {
            return value;
        }
    }
    return {};
}

bool is_header(std::string_view name, std::string_view value) {
    const bool is_name = !name.empty() && std::ranges::all_of(name, [](char c) {
        return static_cast<unsigned char>(c) > ' ' && c != ':' && c != 0x7F;
    });
    return is_name && value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

}  // namespace belfry::nats
