#include "tests/bench/stamped.hpp"

#include <charconv>

namespace belfry::bench {
namespace {

constexpr std::string_view kMark = "@t=";
constexpr std::size_t kDigits = 18;

}  // namespace

std::string stampable_body() {
    std::string body(kMark);
    body.append(kDigits, '0').resize(kBodyBytes, 'x');
    return body;
}

std::optional<Nanos> find_stamp(std::string_view text) {
    const auto mark = text.find(kMark);
    if (mark == std::string_view::npos) {
        return std::nullopt;
    }
    const auto digits = text.substr(mark + kMark.size(), kDigits);
    Nanos time = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), time);
    return read.ec == std::errc{} ? std::optional(time) : std::nullopt;
}

Stamped::Stamped(std::string text) : text_(std::move(text)) {
    for (auto at = text_.find(kMark); at != std::string::npos; at = text_.find(kMark, at)) {
        at += kMark.size();
        places_.push_back(at);
    }
}

const std::string& Stamped::at(Nanos time) {
    std::string digits = std::to_string(time);
    digits.insert(0, kDigits - digits.size(), '0');
    for (const std::size_t place : places_) {
        text_.replace(place, kDigits, digits);
    }
    return text_;
}

}  // namespace belfry::bench
