#include "plugins/broker/nats/message.hpp"

#include "plugins/broker/nats/subject.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <span>

namespace belfry::nats {
namespace {

// $JS.ACK.<stream>.<consumer>.<deliveries>.<stream seq>.<consumer seq>.<time>.<pending>, in newer
// servers with <domain>.<account> before the stream and a random token at the end.
constexpr std::size_t kOldTokens = 9;
constexpr std::size_t kNewTokens = 11;

template <class Number>
bool read(std::string_view text, Number& value) {
    const char* end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, value);
    return result.ec == std::errc() && result.ptr == end;
}

std::vector<std::string_view> split(std::string_view text) {
    std::vector<std::string_view> tokens;
    for (std::size_t dot = 0; dot != std::string_view::npos;) {
        dot = text.find('.');
        tokens.push_back(text.substr(0, dot));
        text.remove_prefix(dot == std::string_view::npos ? 0 : dot + 1);
    }
    return tokens;
}

void add_unless_there(Draft& draft, std::string_view name, std::string_view value) {
    const bool is_there = std::ranges::any_of(
        draft.headers, [&](const auto& header) { return is_same_name(header.first, name); });
    if (!value.empty() && !is_there) {
        draft.headers.emplace_back(name, value);
    }
}

void replace(Draft& draft, std::string_view name, std::string_view value) {
    if (!value.empty()) {
        std::erase_if(draft.headers,
                      [&](const auto& header) { return is_same_name(header.first, name); });
        draft.headers.emplace_back(name, value);
    }
}

}  // namespace

Message make_message(const Draft& draft) {
    if (draft.body.size() > std::numeric_limits<int>::max()) {
        throw sdk::Failure(sdk::Status::invalid, "a body of more than 2 GiB");
    }
    natsMsg* made = nullptr;
    const char* reply = draft.reply.empty() ? nullptr : draft.reply.c_str();
    auto status = natsMsg_Create(&made, draft.subject.c_str(), reply, draft.body.data(),
                                 static_cast<int>(draft.body.size()));
    Message message(made);
    for (const auto& [name, value] : draft.headers) {
        if (status == NATS_OK) {
            status = natsMsgHeader_Add(made, name.c_str(), value.c_str());
        }
    }
    if (status != NATS_OK) {
        throw sdk::Failure(sdk::Status::invalid, draft.subject + ": " + natsStatus_GetText(status));
    }
    return message;
}

Draft draft_of(const bf_message& message) {
    Draft draft;
    draft.subject = sdk::view(message.destination);
    if (!is_subject(draft.subject)) {
        throw sdk::Failure(sdk::Status::invalid,
                           "destination: expected a subject without wildcards and spaces");
    }
    for (const bf_pair& header : std::span(message.headers, message.header_count)) {
        draft.headers.emplace_back(sdk::view(header.name), sdk::view(header.value));
    }
    replace(draft, kMessageId, sdk::view(message.id));
    replace(draft, kKey, sdk::view(message.key));
    add_unless_there(draft, kContentType, sdk::view(message.content_type));
    for (const auto& [name, value] : draft.headers) {
        if (!is_header(name, value)) {
            throw sdk::Failure(sdk::Status::invalid,
                               "headers: NATS cannot carry one with a line end, a NUL, or a space "
                               "in its name");
        }
    }
    draft.body = sdk::text_of(message.body);
    return draft;
}

std::optional<Delivery> parse_delivery(std::string_view reply) {
    const auto tokens = split(reply);
    const bool is_ack = tokens.size() >= kOldTokens && tokens[0] == "$JS" && tokens[1] == "ACK";
    if (!is_ack || (tokens.size() > kOldTokens && tokens.size() < kNewTokens)) {
        return std::nullopt;
    }
    const auto place =
        std::span(tokens).subspan(tokens.size() == kOldTokens ? 2 : 4);  // from the stream on
    Delivery delivery;
    if (!read(place[2], delivery.attempt) || !read(place[3], delivery.sequence) ||
        !read(place[5], delivery.time)) {
        return std::nullopt;
    }
    // With the time it was stored: a stream that is deleted and made again counts from 1 again.
    delivery.coordinates =
        std::string(place[0]) + "@" + std::string(place[3]) + "-" + std::string(place[5]);
    return delivery;
}

Incoming::Incoming(const Message& message, const Delivery& delivery, std::uint64_t token)
    : message_(message), delivery_(delivery), token_(token),
      headers_(parse_headers(header_block(message))), pairs_(pairs_of(headers_)) {}

bf_message Incoming::wire() const {
    bf_message wire{};
    wire.size = sizeof wire;
    wire.destination = sdk::str(subject_of(message_));
    wire.key = sdk::str(find_header(headers_, kKey));
    wire.id = sdk::str(id_of(headers_));
    wire.content_type = sdk::str(find_header(headers_, kContentType));
    wire.body = sdk::bytes_of(body_of(message_));
    wire.headers = pairs_.data();
    wire.header_count = pairs_.size();
    wire.time = delivery_.time;
    wire.attempt = delivery_.attempt;
    wire.token = token_;
    wire.coordinates = sdk::str(delivery_.coordinates);
    return wire;
}

std::vector<bf_pair> pairs_of(const Headers& headers) {
    std::vector<bf_pair> pairs;
    pairs.reserve(headers.size());
    for (const auto& [name, value] : headers) {
        pairs.push_back({sdk::str(name), sdk::str(value)});
    }
    return pairs;
}

std::string_view id_of(const Headers& headers) {
    const auto own = find_header(headers, kId);
    return own.empty() ? find_header(headers, kMessageId) : own;
}

}  // namespace belfry::nats
