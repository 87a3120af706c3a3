/// Frames from client to server (RFC 6455 5 to 8); wslay does the framing.
#pragma once

#include "plugins/delivery/websocket/utf8.hpp"

#include <belfry/types.hpp>

#include <wslay/wslay.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace belfry::websocket {

/// Why a connection has to be closed.
struct Violation {
    std::uint16_t code;
    std::string_view reason;  ///< a literal
};

/// What a receiver tells.
class Listener {
public:
    Listener() = default;
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    virtual ~Listener() = default;

    virtual void on_message(sdk::Bytes message, bool is_text) = 0;
    virtual void on_ping(sdk::Bytes payload) = 0;
    virtual void on_pong() = 0;
    /// The client says goodbye; `payload` is what the answer carries back.
    virtual void on_close(sdk::Bytes payload) = 0;
    virtual void on_violation(const Violation& violation) = 0;
    /// No more is heard once this is false; asked after each of the above.
    [[nodiscard]] virtual bool listening() const = 0;
};

/// Takes a client's bytes apart. Holds several KiB, so it exists only while a frame or a message is
/// incomplete: see idle().
class Receiver {
public:
    /// Messages of at most `max_message` bytes. `listener` outlives this.
    Receiver(Listener& listener, std::uint64_t max_message);

    void take(sdk::Bytes bytes);
    /// Nothing begun is waiting for its end.
    [[nodiscard]] bool idle() const { return fed_ == framed_ && fragments_ == 0; }

private:
    struct Free {
        void operator()(wslay_frame_context* context) const { wslay_frame_context_free(context); }
    };

    static ssize_t feed(std::uint8_t* to, std::size_t room, int flags, void* self);
    [[nodiscard]] bool step();
    [[nodiscard]] bool begin_frame(const wslay_frame_iocb& part);
    [[nodiscard]] bool begin_data(const wslay_frame_iocb& part);
    [[nodiscard]] bool take_payload(const wslay_frame_iocb& part);
    void end_frame(const wslay_frame_iocb& part);
    void end_message();
    void take_close();
    [[nodiscard]] bool violate(std::uint16_t code, std::string_view reason);

    Listener& listener_;
    std::uint64_t max_message_;
    std::unique_ptr<wslay_frame_context, Free> context_;
    sdk::Bytes input_;          // not yet taken by wslay
    std::uint64_t fed_ = 0;     // bytes taken by wslay
    std::uint64_t framed_ = 0;  // bytes of the frames that are complete
    bool in_frame_ = false;
    std::uint64_t received_ = 0;   // payload bytes of the current frame
    std::string control_;          // payload of the current control frame
    std::uint32_t fragments_ = 0;  // of the current message; 0 = none has begun
    bool is_text_ = false;
    Utf8 utf8_;
    std::string message_;
};

}  // namespace belfry::websocket
