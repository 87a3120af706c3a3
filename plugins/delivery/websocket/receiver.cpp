#include "plugins/delivery/websocket/receiver.hpp"

#include "plugins/delivery/websocket/frame.hpp"

#include <algorithm>
#include <new>

namespace belfry::websocket {
namespace {

constexpr std::uint32_t kMostFragments = 1024;

bool is_control(std::uint8_t opcode) { return (opcode & 0x8) != 0; }

/// Bytes of a client's frame on the wire; wslay accepts the shortest form of the length only.
std::uint64_t wire_size(std::uint64_t payload) {
    const std::uint64_t extended = payload < 126 ? 0 : payload <= UINT16_MAX ? 2 : 8;
    return 2 + extended + 4 + payload;
}

}  // namespace

Receiver::Receiver(Listener& listener, std::uint64_t max_message)
    : listener_(listener), max_message_(max_message) {
    const wslay_frame_callbacks callbacks{nullptr, &Receiver::feed, nullptr};
    wslay_frame_context* context = nullptr;
    if (wslay_frame_context_init(&context, &callbacks, this) != 0) {
        throw std::bad_alloc();
    }
    context_.reset(context);
}

void Receiver::take(sdk::Bytes bytes) {
    input_ = bytes;
    while (step()) {
    }
    input_ = {};
}

ssize_t Receiver::feed(std::uint8_t* to, std::size_t room, int /*flags*/, void* self) {
    auto& receiver = *static_cast<Receiver*>(self);
    const std::size_t count = std::min(room, receiver.input_.size());
    if (count == 0) {
        return -1;
    }
    std::copy_n(receiver.input_.begin(), count, to);
    receiver.input_ = receiver.input_.subspan(count);
    receiver.fed_ += count;
    return static_cast<ssize_t>(count);
}

/// One piece of a frame. False: nothing more to do with what there is.
bool Receiver::step() {
    wslay_frame_iocb part{};
    const ssize_t result = wslay_frame_recv(context_.get(), &part);
    if (result == WSLAY_ERR_WANT_READ) {
        return false;
    }
    if (result < 0) {
        return violate(kProtocolError, "malformed frame");
    }
    if (!in_frame_ && !begin_frame(part)) {
        return false;
    }
    in_frame_ = true;
    if (!take_payload(part)) {
        return false;
    }
    received_ += part.data_length;
    if (received_ == part.payload_length) {
        in_frame_ = false;
        received_ = 0;
        framed_ += wire_size(part.payload_length);
        end_frame(part);
    }
    return listener_.listening();
}

bool Receiver::begin_frame(const wslay_frame_iocb& part) {
    if (part.rsv != 0) {
        return violate(kProtocolError, "reserved bits are set");
    }
    if (part.mask == 0) {
        return violate(kProtocolError, "frame is not masked");
    }
    if (part.opcode > kPong || (part.opcode > kBinary && part.opcode < kClose)) {
        return violate(kProtocolError, "reserved opcode");
    }
    return is_control(part.opcode) || begin_data(part);
}

bool Receiver::begin_data(const wslay_frame_iocb& part) {
    const bool continues = part.opcode == kContinuation;
    if (continues != (fragments_ > 0)) {
        return violate(kProtocolError,
                       continues ? "continuation of nothing" : "message inside a message");
    }
    if (!continues) {
        is_text_ = part.opcode == kText;
        utf8_ = {};
    }
    if (part.payload_length > max_message_ - message_.size()) {
        return violate(kTooBig, "message is too big");
    }
    if (++fragments_ > kMostFragments) {
        return violate(kPolicy, "too many fragments");
    }
    return true;
}

bool Receiver::take_payload(const wslay_frame_iocb& part) {
    const sdk::Bytes piece(part.data, part.data_length);
    const auto text = sdk::text_of(sdk::bytes_of(piece));
    if (is_control(part.opcode)) {
        control_ += text;
        return true;
    }
    if (is_text_ && !utf8_.take(piece)) {
        return violate(kBadPayload, "text is not UTF-8");
    }
    message_ += text;
    return true;
}

void Receiver::end_frame(const wslay_frame_iocb& part) {
    if (!is_control(part.opcode)) {
        if (part.fin != 0) {
            end_message();
        }
        return;
    }
    const auto payload = sdk::view(sdk::bytes_of(control_));
    if (part.opcode == kPing) {
        listener_.on_ping(payload);
    } else if (part.opcode == kPong) {
        listener_.on_pong();
    } else {
        take_close();
    }
    control_.clear();
}

void Receiver::end_message() {
    if (is_text_ && !utf8_.whole()) {
        (void)violate(kBadPayload, "text is not UTF-8");
        return;
    }
    fragments_ = 0;
    const std::string message = std::exchange(message_, {});
    listener_.on_message(sdk::view(sdk::bytes_of(message)), is_text_);
}

void Receiver::take_close() {
    const auto payload = sdk::view(sdk::bytes_of(control_));
    if (payload.size() == 1) {
        (void)violate(kProtocolError, "close frame with half a code");
        return;
    }
    if (payload.size() >= 2 && !is_close_code(payload[0] * 256U + payload[1])) {
        (void)violate(kProtocolError, "close code is not allowed");
        return;
    }
    if (payload.size() > 2 && !is_utf8(payload.subspan(2))) {
        (void)violate(kBadPayload, "close reason is not UTF-8");
        return;
    }
    listener_.on_close(payload.first(std::min<std::size_t>(payload.size(), 2)));
}

/// Always false: what comes behind is not looked at.
bool Receiver::violate(std::uint16_t code, std::string_view reason) {
    listener_.on_violation({code, reason});
    return false;
}

}  // namespace belfry::websocket
