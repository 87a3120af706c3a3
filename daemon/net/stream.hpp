/// A connection that has become a stream of bytes.
#pragma once

#include "daemon/base/bytes.hpp"
#include "daemon/base/time.hpp"

#include <cstddef>

namespace belfry::net {

/// What a stream is for. All calls on the stream's thread; none after on_closed.
class StreamHandler {
public:
    StreamHandler() = default;
    StreamHandler(const StreamHandler&) = delete;
    StreamHandler& operator=(const StreamHandler&) = delete;
    virtual ~StreamHandler() = default;

    virtual void on_bytes(ByteView bytes) = 0;
    /// Everything written has been taken by the kernel, after a time when it was not.
    virtual void on_drained() = 0;
    /// The time set by set_timer has passed.
    virtual void on_time() = 0;
    /// The stream is no more. The last call.
    virtual void on_closed() = 0;
};

/// Output is collected and leaves in one gather write at the end of the turn. The stream's thread
/// only.
class Stream {
public:
    Stream() = default;
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    virtual ~Stream() = default;

    virtual void write(SharedBytes bytes) = 0;
    /// Bytes written that the kernel has not taken yet.
    [[nodiscard]] virtual std::size_t queued() const = 0;
    /// How many pieces they are in.
    [[nodiscard]] virtual std::size_t queued_pieces() const = 0;
    /// Sends what is written, then closes. Nothing can be written any more.
    virtual void finish() = 0;
    /// Closes at once; on_closed comes later in this turn.
    virtual void abort() = 0;
    /// Rings once; replaces the former time. 0 = no time.
    virtual void set_timer(Nanos delay) = 0;
};

}  // namespace belfry::net
