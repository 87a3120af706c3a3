#include "plugins/broker/nats/jetstream.hpp"

#include "plugins/broker/nats/times.hpp"

#include <array>

namespace belfry::nats {

namespace json = boost::json;

namespace {

constexpr std::int64_t kNotFound = 404;
constexpr std::int64_t kServerError = 500;

json::object parse_answer(const Message& answer, const std::string& endpoint) {
    const auto body = body_of(answer);
    json::error_code error;
    auto document = json::parse(json::string_view(body.data(), body.size()), error);
    if (error || !document.is_object()) {
        throw sdk::Failure(sdk::Status::unavailable, endpoint + ": the answer is not JetStream's");
    }
    return std::move(document.as_object());
}

/// Base64 as the server writes it; what is no digit ends it.
std::string decode(std::string_view text) {
    constexpr std::string_view kDigits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    static const auto values = [&] {
        std::array<std::uint8_t, 256> table{};
        table.fill(0xFF);
        for (std::size_t i = 0; i < kDigits.size(); ++i) {
            table[static_cast<unsigned char>(kDigits[i])] = static_cast<std::uint8_t>(i);
        }
        return table;
    }();
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3);
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char c : text) {
        const auto value = values[static_cast<unsigned char>(c)];
        if (value == 0xFF) {
            break;
        }
        bits = (bits << 6U | value) & 0xFFFFU;
        count += 6;
        if (count >= 8) {
            count -= 8;
            bytes += static_cast<char>(bits >> count & 0xFFU);
        }
    }
    return bytes;
}

}  // namespace

json::object ask(const Link& link, const std::string& endpoint, const json::object& request) {
    const std::string body = request.empty() ? std::string() : json::serialize(request);
    auto answer = parse_answer(link.request("$JS.API." + endpoint, body), endpoint);
    if (answer.contains("error")) {
        const auto& error = object_at(answer, "error");
        const auto code = number_at(error, "code");
        auto status = code >= kServerError ? sdk::Status::unavailable : sdk::Status::invalid;
        status = code == kNotFound ? sdk::Status::not_found : status;
        throw JetStreamError(status, endpoint + ": " + text_at(error, "description"),
                             number_at(error, "err_code"));
    }
    return answer;
}

std::optional<json::object> find(const Link& link, const std::string& endpoint,
                                 const json::object& request) try {
    return ask(link, endpoint, request);
} catch (const JetStreamError& error) {
    if (error.status == sdk::Status::not_found) {
        return std::nullopt;
    }
    throw;
}

std::string stream_of(const Link& link, const std::string& subject) {
    const auto names = texts_at(ask(link, "STREAM.NAMES", {{"subject", subject}}), "streams");
    return names.empty() ? std::string() : names.front();
}

std::optional<Stored> read_stored(const Link& link, const std::string& stream,
                                  std::uint64_t sequence, const std::string& subject) {
    json::object request{{"seq", sequence}};
    if (!subject.empty()) {
        request["next_by_subj"] = subject;
    }
    const auto answer = find(link, "STREAM.MSG.GET." + stream, request);
    if (!answer) {
        return std::nullopt;
    }
    const auto& message = object_at(*answer, "message");
    return Stored{static_cast<std::uint64_t>(number_at(message, "seq")),
                  text_at(message, "subject"), decode(text_at(message, "hdrs")),
                  decode(text_at(message, "data")), parse_time(text_at(message, "time"))};
}

void delete_stored(const Link& link, const std::string& stream, std::uint64_t sequence) {
    (void)find(link, "STREAM.MSG.DELETE." + stream, {{"seq", sequence}, {"no_erase", true}});
}

std::string text_at(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return std::string(value != nullptr && value->is_string()
                           ? std::string_view(value->get_string())
                           : std::string_view());
}

std::int64_t number_at(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    json::error_code error;
    const auto number = value == nullptr ? 0 : value->to_number<std::int64_t>(error);
    return error ? 0 : number;
}

const json::object& object_at(const json::object& object, std::string_view key) {
    static const json::object empty;
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_object() ? value->get_object() : empty;
}

std::vector<std::string> texts_at(const json::object& object, std::string_view key) {
    std::vector<std::string> texts;
    const auto* value = object.if_contains(key);
    if (value != nullptr && value->is_array()) {
        for (const auto& item : value->get_array()) {
            if (item.is_string()) {
                texts.emplace_back(std::string_view(item.get_string()));
            }
        }
    }
    return texts;
}

}  // namespace belfry::nats
