/// JetStream's own requests, as JSON. All wait for the answer: not on the loop.
#pragma once

#include "plugins/broker/nats/link.hpp"

#include <belfry/types.hpp>

#include <boost/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace belfry::nats {

/// What JetStream answers instead of what was asked for.
struct JetStreamError : sdk::Failure {
    JetStreamError(sdk::Status outcome, const std::string& message, std::int64_t number)
        : Failure(outcome, message), code(number) {}
    std::int64_t code;  ///< err_code
};

/// Throws JetStreamError, and sdk::Failure (unavailable). `endpoint`: what follows "$JS.API.".
[[nodiscard]] boost::json::object ask(const Link& link, const std::string& endpoint,
                                      const boost::json::object& request = {});
/// The same; nothing where there is no such stream, consumer or message.
[[nodiscard]] std::optional<boost::json::object> find(const Link& link, const std::string& endpoint,
                                                      const boost::json::object& request = {});

/// The stream that keeps `subject`; empty where none does.
[[nodiscard]] std::string stream_of(const Link& link, const std::string& subject);

/// A message as a stream keeps it.
struct Stored {
    std::uint64_t sequence = 0;
    std::string subject;
    std::string header_block;
    std::string body;
    std::int64_t time = 0;
};

/// The first of `subject` at `sequence` or behind it; with an empty subject the one at `sequence`.
[[nodiscard]] std::optional<Stored> read_stored(const Link& link, const std::string& stream,
                                                std::uint64_t sequence,
                                                const std::string& subject = {});
void delete_stored(const Link& link, const std::string& stream, std::uint64_t sequence);

/// Members of answers; what is not there is 0, empty or false.
[[nodiscard]] std::string text_at(const boost::json::object& object, std::string_view key);
[[nodiscard]] std::int64_t number_at(const boost::json::object& object, std::string_view key);
[[nodiscard]] const boost::json::object& object_at(const boost::json::object& object,
                                                   std::string_view key);
[[nodiscard]] std::vector<std::string> texts_at(const boost::json::object& object,
                                                std::string_view key);

}  // namespace belfry::nats
