/// Shared buffers on their way into a socket.
#pragma once

#include "daemon/base/bytes.hpp"

#include <cstddef>
#include <vector>

namespace belfry::net {

/// Holds references, not copies. Frees its memory when empty.
class OutQueue {
public:
    enum class Sent { all, blocked, failed };

    void push(SharedBytes bytes) {
        bytes_ += bytes.size();
        pieces_.push_back(std::move(bytes));
    }
    /// Gather writes until the queue is empty or the socket takes no more.
    Sent send(int descriptor);
    void clear();

    [[nodiscard]] bool empty() const { return first_ == pieces_.size(); }
    [[nodiscard]] std::size_t bytes() const { return bytes_; }
    [[nodiscard]] std::size_t pieces() const { return pieces_.size() - first_; }

private:
    void consume(std::size_t sent);

    std::vector<SharedBytes> pieces_;
    std::size_t first_ = 0;   ///< of the pieces not yet sent whole
    std::size_t offset_ = 0;  ///< sent of the first piece
    std::size_t bytes_ = 0;
};

}  // namespace belfry::net
