/// Messages as they are kept.
#pragma once

#include <belfry/types.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace belfry::memory {

/// How a message became a dead letter.
struct Death {
    std::string source;
    std::string pattern;      ///< of the queue it stood in
    std::string destination;  ///< as it was published
    std::int64_t time = 0;
    std::uint64_t attempts = 0;
};

struct Message {
    std::string destination, exchange, key, id, content_type, body;
    std::vector<std::pair<std::string, std::string>> headers;
    std::int64_t time = 0;
    /// Of a dead letter: patterns over several destinations leave it alone.
    std::optional<Death> death;

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

/// Items on their way out.
class Batch {
public:
    void add(const Item& item, std::uint64_t token, std::string coordinates);
    /// The dead letter as it was when it was consumed.
    void add_dead(const Item& item, std::string coordinates);
    [[nodiscard]] bool empty() const { return entries_.empty(); }
    /// Borrows from this.
    [[nodiscard]] std::vector<bf_message> wire() const;

private:
    struct Entry {
        std::shared_ptr<const Message> message;
        std::string_view destination;
        std::uint64_t attempt;
        std::uint64_t token;
        std::string coordinates;
        std::vector<bf_pair> headers;
    };
    void add(Entry entry);

    std::vector<Entry> entries_;
};

/// The message as a dead letter, for `destination`: with the headers that say why.
[[nodiscard]] Message dead_letter_of(const Message& message, std::string destination, Death death,
                                     const std::vector<std::pair<std::string, std::string>>& why);
/// The dead letter as it was before.
[[nodiscard]] Message revived(const Message& dead);

}  // namespace belfry::memory
