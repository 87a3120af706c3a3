/// Messages that are no CloudEvents, and where a profile says that their attributes stand.
#pragma once

#include "daemon/config/profile.hpp"
#include "daemon/mailbox/rejection.hpp"
#include "daemon/plugin/broker.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace boost::json {
class value;
}

namespace belfry {

/// "header:NAME", "json:/POINTER", "destination:PREFIX", "message" or "coordinates".
class MessagePlace {
public:
    /// Nothing where `text` is none.
    static std::optional<MessagePlace> parse(std::string_view text);

    [[nodiscard]] bool is_in_body() const { return where_ == Where::body; }
    /// `body` is the message's as JSON, where is_in_body(). Nothing where there is nothing.
    [[nodiscard]] std::optional<std::string> find(const Message& message,
                                                  const boost::json::value& body) const;
    /// For people.
    [[nodiscard]] const std::string& text() const { return text_; }

private:
    enum class Where : std::uint8_t { header, body, destination, id, coordinates };
    MessagePlace(Where where, std::string_view text, std::string_view name)
        : where_(where), text_(text), name_(name) {}

    Where where_;
    std::string text_;
    std::string name_;  ///< of the header; the pointer; the prefix
};

/// Any thread.
class PlainReader {
public:
    /// `origin`: the source's name; events come from "<origin>/<where they were sent>".
    PlainReader(const config::PlainSettings& settings, std::string origin);

    [[nodiscard]] Accepted<Event> read(Message message) const;

private:
    [[nodiscard]] Accepted<std::string> id_of(const Message& message,
                                              const boost::json::value& body) const;
    [[nodiscard]] Accepted<std::string> type_of(const Message& message,
                                                const boost::json::value& body) const;

    const std::string origin_;
    const std::optional<MessagePlace> id_;
    const std::optional<MessagePlace> subject_;
    const std::string subject_prefix_;
    const std::optional<MessagePlace> type_;
    const std::string fixed_type_;
};

}  // namespace belfry
