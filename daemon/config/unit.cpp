#include "daemon/config/unit.hpp"

#include <array>
#include <charconv>
#include <span>

namespace belfry::config {
namespace {

struct Scale {
    std::string_view name;
    std::int64_t factor;
};

// From large to small, so that the first one that divides a value is its shortest form.
constexpr std::array kDurations{
    Scale{"d", 86'400'000'000'000}, Scale{"h", 3'600'000'000'000}, Scale{"m", 60'000'000'000},
    Scale{"s", 1'000'000'000},      Scale{"ms", 1'000'000},
};
constexpr std::array kSizes{
    Scale{"GiB", std::int64_t{1} << 30U},
    Scale{"MiB", std::int64_t{1} << 20U},
    Scale{"KiB", std::int64_t{1} << 10U},
    Scale{"", 1},
};
constexpr std::array kPlain{Scale{"", 1}};

std::span<const Scale> scales_of(Unit unit) {
    switch (unit) {
        case Unit::duration: return kDurations;
        case Unit::bytes: return kSizes;
        case Unit::none: break;
    }
    return kPlain;
}

/// YAML 1.2's decimal integers without a leading zero, which other readers take for octal.
std::optional<std::int64_t> parse_integer(std::string_view text) {
    if (text.starts_with('+')) {
        text.remove_prefix(1);
        if (text.starts_with('-')) {
            return std::nullopt;
        }
    }
    const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
    if (digits.size() > 1 && digits.starts_with('0')) {
        return std::nullopt;
    }
    std::int64_t value = 0;
    const auto [rest, error] = std::from_chars(text.begin(), text.end(), value);
    if (error != std::errc{} || rest != text.end()) {
        return std::nullopt;
    }
    return value;
}

}  // namespace

std::optional<std::int64_t> parse_quantity(std::string_view text, Unit unit) {
    const std::size_t letters = text.find_first_not_of("+-0123456789");
    const auto number = parse_integer(text.substr(0, letters));
    const std::string_view suffix =
        letters == std::string_view::npos ? std::string_view{} : text.substr(letters);
    if (!number) {
        return std::nullopt;
    }
    if (*number == 0 && suffix.empty()) {
        return 0;
    }
    for (const Scale& scale : scales_of(unit)) {
        std::int64_t value = 0;
        if (scale.name == suffix && !__builtin_mul_overflow(*number, scale.factor, &value)) {
            return value;
        }
    }
    return std::nullopt;
}

std::string format_quantity(std::int64_t value, Unit unit) {
    if (value == 0) {
        return "0";
    }
    for (const Scale& scale : scales_of(unit)) {
        if (value % scale.factor == 0) {
            return std::to_string(value / scale.factor) + std::string(scale.name);
        }
    }
    return std::to_string(value) + "ns";
}

std::string describe(Unit unit) {
    switch (unit) {
        case Unit::duration: return "a duration such as 500ms, 2s, 5m, 1h or 1d";
        case Unit::bytes: return "a size such as 512, 64KiB, 1MiB or 1GiB";
        case Unit::none: break;
    }
    return "an integer";
}

}  // namespace belfry::config
