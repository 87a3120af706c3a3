#include "plugins/broker/kafka/letters.hpp"

#include "plugins/broker/kafka/times.hpp"

#include <algorithm>
#include <array>

namespace belfry::kafka {
namespace {

constexpr std::string_view kTimeHeader = "belfry-time";  // of the message, ns
constexpr std::string_view kNotBeforeHeader = "belfry-not-before";

constexpr std::array<std::string_view, 8> kOwnHeaders{
    BF_HEADER_REASON,   BF_HEADER_SOURCE,  BF_HEADER_DESTINATION, BF_HEADER_COORDINATES,
    BF_HEADER_ATTEMPTS, BF_HEADER_DEAD_AT, kTimeHeader,           kNotBeforeHeader};

/// What an earlier letter left behind, or the publisher made up.
void drop_own(Message& message) {
    std::erase_if(message.headers, [](const auto& header) {
        return std::ranges::find(kOwnHeaders, header.first) != kOwnHeaders.end();
    });
}

/// With where it came from, and how often it was tried.
Message letter_of(const Message& message, std::uint64_t attempts) {
    Message letter = message;
    drop_own(letter);
    letter.headers.emplace_back(BF_HEADER_DESTINATION, message.destination);
    letter.headers.emplace_back(BF_HEADER_COORDINATES, message.coordinates);
    letter.headers.emplace_back(BF_HEADER_ATTEMPTS, std::to_string(attempts));
    letter.headers.emplace_back(kTimeHeader, std::to_string(message.time));
    return letter;
}

void restore(Message& letter) {
    if (const auto destination = letter.header(BF_HEADER_DESTINATION); !destination.empty()) {
        letter.destination = destination;
    }
    if (const auto coordinates = letter.header(BF_HEADER_COORDINATES); !coordinates.empty()) {
        letter.coordinates = coordinates;
    }
    if (const auto time = letter.header(kTimeHeader); !time.empty()) {
        letter.time = number_of<std::int64_t>(time);
    }
    letter.attempt = number_of<std::uint64_t>(letter.header(BF_HEADER_ATTEMPTS));
}

}  // namespace

Message retry_letter(const Message& message, std::int64_t not_before) {
    Message letter = letter_of(message, message.attempt);
    letter.headers.emplace_back(kNotBeforeHeader, std::to_string(not_before));
    return letter;
}

Message dead_letter(const Message& message, const Death& death) {
    Message letter = letter_of(message, message.attempt);
    letter.headers.emplace_back(BF_HEADER_REASON, death.reason);
    letter.headers.emplace_back(BF_HEADER_SOURCE, death.source);
    letter.headers.emplace_back(BF_HEADER_DEAD_AT, rfc3339(death.time));
    return letter;
}

Message revived_letter(const Message& dead) {
    Message message = dead;
    restore(message);
    return letter_of(message, 0);
}

void restore_retry(Message& letter, std::int64_t& not_before) {
    not_before = number_of<std::int64_t>(letter.header(kNotBeforeHeader));
    restore(letter);
    ++letter.attempt;
    drop_own(letter);
}

void restore_dead(Message& letter) { restore(letter); }

}  // namespace belfry::kafka
