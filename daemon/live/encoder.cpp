#include "daemon/live/encoder.hpp"

namespace belfry::live {
namespace {

bf_str str(std::string_view text) { return {text.data(), text.size()}; }

bf_outgoing outgoing(ByteView payload, std::string_view event, std::string_view token) {
    return {sizeof(bf_outgoing),
            BF_FRAME_TEXT,
            {payload.data(), payload.size()},
            str(token),
            str(event)};
}

}  // namespace

SharedBytes Encoder::frame(std::string_view message, std::string_view event,
                           std::string_view token) const {
    return transport_.frame(outgoing(bytes_of(message), event, token));
}

SharedBytes Encoder::ping() const {
    const bf_outgoing ping{sizeof(bf_outgoing), BF_FRAME_PING, {}, {}, {}};
    return transport_.frame(ping);
}

SharedBytes Encoder::frames(const std::string& stream, std::uint64_t epoch,
                            std::span<const Entry> entries) const {
    std::vector<SharedBytes> frames;
    std::vector<ByteView> views;
    frames.reserve(entries.size());
    views.reserve(entries.size());
    for (const Entry& entry : entries) {
        const SharedBytes message = dialect_.encode(stream, epoch, entry);
        if (!message.empty()) {
            const std::string token = Token{epoch, entry.seq}.print();
            frames.push_back(transport_.frame(outgoing(message.view(), "entry", token)));
            views.push_back(frames.back().view());
        }
    }
    return frames.size() == 1 ? frames.front() : SharedBytes::concat(views);
}

}  // namespace belfry::live
