#include "daemon/net/out_queue.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace belfry::net {
namespace {

constexpr std::size_t kPiecesPerSend = 64;

}  // namespace

void OutQueue::clear() {
    pieces_ = {};
    first_ = offset_ = bytes_ = 0;
}

void OutQueue::consume(std::size_t sent) {
    bytes_ -= sent;
    sent += offset_;
    while (first_ < pieces_.size() && sent >= pieces_[first_].size()) {
        sent -= pieces_[first_].size();
        pieces_[first_++] = SharedBytes();
    }
    offset_ = sent;
    // A queue that is never quite empty would keep a place for every piece there ever was.
    if (first_ >= kPiecesPerSend && first_ >= pieces_.size() / 2) {
        pieces_.erase(pieces_.begin(), pieces_.begin() + static_cast<std::ptrdiff_t>(first_));
        first_ = 0;
    }
}

OutQueue::Sent OutQueue::send(int descriptor) {
    while (!empty()) {
        std::array<iovec, kPiecesPerSend> parts{};
        const std::size_t count = std::min(pieces(), kPiecesPerSend);
        for (std::size_t i = 0; i < count; ++i) {
            const ByteView piece = pieces_[first_ + i].view();
            const std::size_t skip = i == 0 ? offset_ : 0;
            parts[i] = {const_cast<std::uint8_t*>(piece.data()) + skip, piece.size() - skip};
        }
        msghdr message{};
        message.msg_iov = parts.data();
        message.msg_iovlen = count;
        const auto sent = ::sendmsg(descriptor, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0) {
            if (errno == EINTR) {
                continue;
            }
            return errno == EAGAIN || errno == EWOULDBLOCK ? Sent::blocked : Sent::failed;
        }
        consume(static_cast<std::size_t>(sent));
    }
    clear();
    return Sent::all;
}

}  // namespace belfry::net
