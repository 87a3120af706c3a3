#include "daemon/base/time_text.hpp"

#include <chrono>
#include <cstdint>

namespace belfry {
namespace {

constexpr int kLastYear = 2261;

/// Takes parts off the front; remembers the first that was not there.
class Reader {
public:
    explicit Reader(std::string_view text) : rest_(text) {}

    unsigned number(std::size_t digits) {
        if (rest_.size() < digits ||
            rest_.substr(0, digits).find_first_not_of("0123456789") != std::string_view::npos) {
            is_good_ = false;
            return 0;
        }
        unsigned value = 0;
        for (const char digit : rest_.substr(0, digits)) {
            value = value * 10 + static_cast<unsigned>(digit - '0');
        }
        rest_.remove_prefix(digits);
        return value;
    }

    /// One of these characters; 0 where there is none.
    char one_of(std::string_view choices) {
        if (rest_.empty() || !choices.contains(rest_.front())) {
            return 0;
        }
        const char found = rest_.front();
        rest_.remove_prefix(1);
        return found;
    }
    char expect(std::string_view choices) {
        const char found = one_of(choices);
        is_good_ = is_good_ && found != 0;
        return found;
    }

    [[nodiscard]] std::size_t digits_ahead() const {
        return std::min(rest_.find_first_not_of("0123456789"), rest_.size());
    }
    [[nodiscard]] bool is_finished() const { return is_good_ && rest_.empty(); }
    void refuse() { is_good_ = false; }

private:
    std::string_view rest_;
    bool is_good_ = true;
};

Nanos read_date(Reader& reader) {
    const auto year = static_cast<int>(reader.number(4));
    reader.expect("-");
    const unsigned month = reader.number(2);
    reader.expect("-");
    const unsigned day = reader.number(2);
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                           std::chrono::day(day)};
    if (!date.ok() || year < 1970 || year > kLastYear) {
        reader.refuse();
        return 0;
    }
    return std::chrono::sys_days(date).time_since_epoch().count() * 24LL * 3600 * kSecond;
}

Nanos read_hour_and_minute(Reader& reader) {
    const unsigned hour = reader.number(2);
    reader.expect(":");
    const unsigned minute = reader.number(2);
    if (hour > 23 || minute > 59) {
        reader.refuse();
    }
    return (hour * 60LL + minute) * 60 * kSecond;
}

Nanos read_second(Reader& reader) {
    reader.expect(":");
    const unsigned second = reader.number(2);
    if (second > 59) {
        reader.refuse();
    }
    Nanos time = second * kSecond;
    if (reader.one_of(".") != 0) {
        const std::size_t digits = reader.digits_ahead();
        if (digits == 0 || digits > 9) {
            reader.refuse();
            return 0;
        }
        Nanos part = reader.number(digits);
        for (std::size_t i = digits; i < 9; ++i) {
            part *= 10;
        }
        time += part;
    }
    return time;
}

}  // namespace

std::optional<Nanos> parse_rfc3339(std::string_view text) {
    Reader reader(text);
    Nanos time = read_date(reader);
    reader.expect("Tt");
    time += read_hour_and_minute(reader);
    time += read_second(reader);
    const char zone = reader.expect("Zz+-");
    if (zone == '+' || zone == '-') {
        const Nanos offset = read_hour_and_minute(reader);
        time += zone == '+' ? -offset : offset;
    }
    return reader.is_finished() ? std::optional(time) : std::nullopt;
}

}  // namespace belfry
