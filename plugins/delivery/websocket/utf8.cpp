#include "plugins/delivery/websocket/utf8.hpp"

namespace belfry::websocket {

bool Utf8::take(sdk::Bytes piece) {
    for (const std::uint8_t byte : piece) {
        if (missing_ == 0) {
            if (!begin(byte)) {
                return false;
            }
            continue;
        }
        if (byte < least_ || byte > most_) {
            return false;
        }
        --missing_;
        least_ = 0x80;
        most_ = 0xBF;
    }
    return true;
}

bool Utf8::begin(std::uint8_t byte) {
    if (byte < 0x80) {
        return true;
    }
    if (byte < 0xC2 || byte > 0xF4) {
        return false;
    }
    missing_ = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
    // What would be overlong, a surrogate or too large shows in the second byte.
    least_ = byte == 0xE0 ? 0xA0 : byte == 0xF0 ? 0x90 : 0x80;
    most_ = byte == 0xED ? 0x9F : byte == 0xF4 ? 0x8F : 0xBF;
    return true;
}

bool is_utf8(sdk::Bytes text) {
    Utf8 check;
    return check.take(text) && check.whole();
}

}  // namespace belfry::websocket
