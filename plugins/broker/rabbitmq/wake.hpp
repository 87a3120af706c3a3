/// Wakes a thread that waits for a socket.
#pragma once

#include <cstdint>

namespace belfry::rabbitmq {

/// An eventfd. Any thread may notify.
class Wake {
public:
    /// Throws sdk::Failure (unavailable) where the process has no descriptor left.
    Wake();
    ~Wake();
    Wake(const Wake&) = delete;
    Wake& operator=(const Wake&) = delete;

    void notify() const;
    /// Until notified, until `socket` (if not negative) can be read, or for so many nanoseconds.
    void wait(int socket, std::int64_t patience) const;

private:
    int file_;
};

}  // namespace belfry::rabbitmq
