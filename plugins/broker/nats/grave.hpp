/// Dead letters as messages: written, read, sent back.
#pragma once

#include "plugins/broker/nats/jetstream.hpp"
#include "plugins/broker/nats/message.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace belfry::nats {

/// What died, and of what.
struct Death {
    std::string_view source;
    std::string_view reason;
    std::string_view destination;  ///< where it was consumed from
    std::string_view coordinates;
    std::uint64_t attempts = 0;
    std::int64_t time = 0;
};

/// The message's headers, less those that tell JetStream what to do with it, and those of a dead
/// letter. `body` is borrowed.
[[nodiscard]] Draft make_dead_letter(const std::string& subject, const Death& death,
                                     const Headers& headers, std::string_view body);

/// A dead letter where it is kept.
class DeadLetter {
public:
    explicit DeadLetter(Stored stored);

    [[nodiscard]] std::uint64_t sequence() const { return stored_.sequence; }
    [[nodiscard]] std::int64_t died_at() const;
    /// Where it was consumed from.
    [[nodiscard]] std::string destination() const;
    /// Borrows from this, like what follows.
    [[nodiscard]] bf_message wire() const;
    /// As it was before it died, with its own id.
    [[nodiscard]] Draft revived(const std::string& stream) const;

private:
    Stored stored_;
    Headers headers_;
    std::vector<bf_pair> pairs_;
    std::string coordinates_;
};

}  // namespace belfry::nats
