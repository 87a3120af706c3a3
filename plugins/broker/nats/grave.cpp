#include "plugins/broker/nats/grave.hpp"

#include "plugins/broker/nats/times.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace belfry::nats {
namespace {

constexpr std::array<std::string_view, 6> kOwn{BF_HEADER_REASON,      BF_HEADER_SOURCE,
                                               BF_HEADER_DESTINATION, BF_HEADER_COORDINATES,
                                               BF_HEADER_ATTEMPTS,    BF_HEADER_DEAD_AT};
// Nats-Msg-Id, Nats-Rollup, Nats-Expected-...: orders to the stream that kept the original.
constexpr std::string_view kOrders = "Nats-";
constexpr std::size_t kLongestReason = 1'024;

bool is_own(std::string_view name) {
    return std::ranges::any_of(kOwn, [&](auto own) { return is_same_name(own, name); });
}

bool is_order(std::string_view name) {
    return is_same_name(name.substr(0, kOrders.size()), kOrders);
}

/// What a header can hold of it.
std::string printable(std::string_view text) {
    std::string made(text.substr(0, kLongestReason));
    std::ranges::replace_if(made, [](char c) { return c == '\r' || c == '\n' || c == '\0'; }, ' ');
    return made;
}

void copy_headers(Draft& draft, const Headers& headers) {
    for (const auto& [name, value] : headers) {
        if (is_own(name) || is_order(name) || is_same_name(name, kId)) {
            continue;
        }
        std::string sendable(value);
        std::ranges::replace(sendable, '\0', ' ');
        if (is_header(name, sendable)) {
            draft.headers.emplace_back(name, std::move(sendable));
        }
    }
    if (const auto id = id_of(headers); !id.empty()) {
        draft.headers.emplace_back(kId, printable(id));
    }
}

}  // namespace

Draft make_dead_letter(const std::string& subject, const Death& death, const Headers& headers,
                       std::string_view body) {
    Draft draft;
    draft.subject = subject;
    draft.body = body;
    copy_headers(draft, headers);
    // Once for each message, however often its acknowledgement is lost.
    draft.headers.emplace_back(kMessageId, "dead " + std::string(death.coordinates));
    draft.headers.emplace_back(BF_HEADER_REASON, printable(death.reason));
    draft.headers.emplace_back(BF_HEADER_SOURCE, printable(death.source));
    draft.headers.emplace_back(BF_HEADER_DESTINATION, death.destination);
    draft.headers.emplace_back(BF_HEADER_COORDINATES, death.coordinates);
    draft.headers.emplace_back(BF_HEADER_ATTEMPTS, std::to_string(death.attempts));
    draft.headers.emplace_back(BF_HEADER_DEAD_AT, format_time(death.time));
    return draft;
}

DeadLetter::DeadLetter(Stored stored)
    : stored_(std::move(stored)), headers_(parse_headers(stored_.header_block)),
      pairs_(pairs_of(headers_)), coordinates_(find_header(headers_, BF_HEADER_COORDINATES)) {}

std::int64_t DeadLetter::died_at() const {
    const auto time = parse_time(find_header(headers_, BF_HEADER_DEAD_AT));
    return time == 0 ? stored_.time : time;
}

std::string DeadLetter::destination() const {
    return std::string(find_header(headers_, BF_HEADER_DESTINATION));
}

bf_message DeadLetter::wire() const {
    const auto attempts = find_header(headers_, BF_HEADER_ATTEMPTS);
    bf_message wire{};
    wire.size = sizeof wire;
    wire.destination = sdk::str(find_header(headers_, BF_HEADER_DESTINATION));
    wire.key = sdk::str(find_header(headers_, kKey));
    wire.id = sdk::str(find_header(headers_, kId));
    wire.content_type = sdk::str(find_header(headers_, kContentType));
    wire.body = sdk::bytes_of(std::string_view(stored_.body));
    wire.headers = pairs_.data();
    wire.header_count = pairs_.size();
    wire.time = stored_.time;
    std::from_chars(attempts.data(), attempts.data() + attempts.size(), wire.attempt);
    wire.coordinates = sdk::str(coordinates_);
    return wire;
}

Draft DeadLetter::revived(const std::string& stream) const {
    Draft draft;
    draft.subject = destination();
    draft.body = stored_.body;
    copy_headers(draft, headers_);
    // Once for each dead letter, also where it could not be removed after it was sent.
    draft.headers.emplace_back(kMessageId, "replay " + stream + " " +
                                               std::to_string(stored_.sequence) + " " +
                                               std::to_string(stored_.time));
    return draft;
}

}  // namespace belfry::nats
