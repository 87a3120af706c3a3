#include "daemon/live/position.hpp"

namespace belfry::live {
namespace {

Position lost(const Head& head, std::string_view reason) {
    return {head, head.head, false, reason};
}

Position from_seq(std::uint64_t seq, const Head& head) {
    if (seq > head.head) {
        return lost(head, "ahead");
    }
    if (seq + 1 < head.earliest) {
        return lost(head, "expired");
    }
    return {head, seq, true, {}};
}

}  // namespace

Result<Since> parse_since(std::string_view text, std::string_view device) {
    if (text == "earliest") {
        return Since{Since::From::earliest, {}, {}};
    }
    if (text == "latest") {
        return Since{Since::From::latest, {}, {}};
    }
    if (text == "unacked" && device.empty()) {
        return fail(Code::invalid, "since \"unacked\": expected a device as well");
    }
    if (text.empty() || text == "unacked") {
        const auto from = device.empty() ? Since::From::latest : Since::From::device;
        return Since{from, {}, std::string(device)};
    }
    const auto token = Token::parse(text);
    if (!token) {
        return fail(Code::invalid,
                    "since: expected a token, \"earliest\", \"latest\" or \"unacked\"");
    }
    return Since{Since::From::token, *token, {}};
}

Position decide(const Since& since, std::uint64_t acknowledged, const Head& head) {
    switch (since.from) {
        case Since::From::earliest:
            return {head, head.earliest == 0 ? 0 : head.earliest - 1, true, {}};
        case Since::From::latest: return {head, head.head, true, {}};
        case Since::From::device:
            return acknowledged == 0 ? Position{head, head.head, true, {}}
                                     : from_seq(acknowledged, head);
        case Since::From::token: break;
    }
    // Epoch 0 is a stream that did not exist yet: nothing of it has been missed.
    if (since.token.epoch != head.epoch && since.token.epoch != 0) {
        return lost(head, "epoch_changed");
    }
    return from_seq(since.token.seq, head);
}

}  // namespace belfry::live
