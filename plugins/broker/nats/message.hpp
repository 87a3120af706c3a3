/// Messages of the daemon and of the library, one from the other.
#pragma once

#include "plugins/broker/nats/handles.hpp"
#include "plugins/broker/nats/headers.hpp"

#include <belfry/types.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace belfry::nats {

inline constexpr std::string_view kMessageId = "Nats-Msg-Id";
inline constexpr std::string_view kContentType = "Content-Type";
/// The ordering key, for which NATS has no place.
inline constexpr std::string_view kKey = "belfry-key";
/// A dead letter's or a replayed message's own id: Nats-Msg-Id is another then, so that the server
/// does not take it for a repetition of the original.
inline constexpr std::string_view kId = "belfry-id";

/// A message to be sent.
struct Draft {
    std::string subject;
    std::string reply;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string_view body;  ///< borrowed
};

/// Throws sdk::Failure (invalid).
[[nodiscard]] Message make_message(const Draft& draft);
/// Throws sdk::Failure (invalid) where it cannot be sent.
[[nodiscard]] Draft draft_of(const bf_message& message);

/// What a delivery's reply subject says of it.
struct Delivery {
    std::uint64_t attempt = 1;
    std::uint64_t sequence = 0;  ///< in the stream
    std::int64_t time = 0;
    std::string coordinates;
};

/// From "$JS.ACK..."; nothing where it is another subject.
[[nodiscard]] std::optional<Delivery> parse_delivery(std::string_view reply);

/// As the daemon gets it; borrows from `message` and `delivery`.
class Incoming {
public:
    Incoming(const Message& message, const Delivery& delivery, std::uint64_t token);

    /// Borrows from this.
    [[nodiscard]] bf_message wire() const;

private:
    const Message& message_;
    const Delivery& delivery_;
    std::uint64_t token_;
    Headers headers_;
    std::vector<bf_pair> pairs_;
};

[[nodiscard]] std::vector<bf_pair> pairs_of(const Headers& headers);
/// belfry-id, else Nats-Msg-Id.
[[nodiscard]] std::string_view id_of(const Headers& headers);

}  // namespace belfry::nats
