#include "sdk/testkit/conformance/arguments.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <random>
#include <stdexcept>

namespace belfry::conformance {

std::uint64_t number_of(std::string_view name, std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) {
        throw std::invalid_argument(std::string(name) + ": expected a number, found \"" +
                                    std::string(text) + "\"");
    }
    return number;
}

std::function<void(std::string_view)> text_into(std::string& to) {
    return [&to](std::string_view value) { to = value; };
}

std::function<void(std::string_view)> number_into(std::string_view name, std::uint64_t& to) {
    return [name, &to](std::string_view value) { to = number_of(name, value); };
}

std::function<void(std::string_view)> number_into(std::string_view name,
                                                  std::optional<std::uint64_t>& to) {
    return [name, &to](std::string_view value) { to = number_of(name, value); };
}

void parse_arguments(const std::vector<std::string_view>& arguments, const Setters& setters) {
    for (auto at = arguments.begin(); at != arguments.end(); ++at) {
        const auto equals = at->find('=');
        const auto name = at->substr(0, equals);
        const auto setter = setters.find(name);
        if (setter == setters.end()) {
            throw std::invalid_argument("\"" + std::string(*at) + "\" is not known here");
        }
        if (equals != std::string_view::npos) {
            setter->second(at->substr(equals + 1));
        } else if (std::next(at) != arguments.end()) {
            setter->second(*++at);
        } else {
            throw std::invalid_argument(std::string(name) + ": expected a value");
        }
    }
}

bool is_asking(int argc, char** argv) {
    return std::any_of(argv + 1, argv + argc, [](std::string_view argument) {
        return argument == "--help" || argument == "-h" || argument.starts_with("--gtest_");
    });
}

std::string replace_all(std::string text, std::string_view token, std::string_view value) {
    for (auto at = text.find(token); at != std::string::npos;
         at = text.find(token, at + value.size())) {
        text.replace(at, token.size(), value);
    }
    return text;
}

std::string random_name() {
    constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz";
    std::random_device source;
    std::string name;
    for (int i = 0; i < 8; ++i) {
        name += kLetters[source() % kLetters.size()];
    }
    return name;
}

}  // namespace belfry::conformance
