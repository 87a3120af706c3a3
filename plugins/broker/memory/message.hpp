/// Messages as they are kept.
#pragma once

#include <belfry/types.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace belfry::memory {

struct Message {
    std::string destination, exchange, key, id, content_type, body;
    std::vector<std::pair<std::string, std::string>> headers;
    std::int64_t time = 0;
    bool is_dead = false;  ///< a dead letter: patterns over several destinations leave it alone

    Message() = default;
    explicit Message(const bf_message& from);

    /// What it counts for against the limit.
    [[nodiscard]] std::uint64_t bytes() const;
};

/// A message in a queue.
struct Item {
    std::shared_ptr<const Message> message;
    std::uint64_t number = 0;    ///< its place: numbers rise in the order of publishing
    std::uint64_t attempts = 0;  ///< deliveries so far
};

/// Items on their way to a source.
class Batch {
public:
    explicit Batch(const bf_source& source) : source_(source) {}

    void add(const Item& item, std::uint64_t token, std::string coordinates);
    [[nodiscard]] bool empty() const { return entries_.empty(); }
    /// Calls the source.
    void deliver() const;

private:
    struct Entry {
        std::shared_ptr<const Message> message;
        std::uint64_t attempt;
        std::uint64_t token;
        std::string coordinates;
        std::vector<bf_pair> headers;
    };
    bf_source source_;
    std::vector<Entry> entries_;
};

}  // namespace belfry::memory
