/// Structured logging: one event a line, a fixed lower-case text, values as fields.
/// Never a payload, a secret or a token.
#pragma once

#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace belfry::log {

enum class Level { debug, info, warning, error };
enum class Format {
    automatic,  ///< journald where it is what reads standard error, else text
    text,
    json,
    journald,
};

/// A named value. Numbers are formatted when the field is made.
struct Field {
    std::string name;
    std::string value;

    Field(std::string_view field, std::string_view text) : name(field), value(text) {}
    Field(std::string_view field, const char* text) : name(field), value(text) {}
    template <class Number>
        requires std::is_arithmetic_v<Number>
    Field(std::string_view field, Number number) : name(field), value(std::to_string(number)) {}
};

using Fields = std::initializer_list<Field>;

/// Until this is called: text, from info up, to standard error.
void configure(Format format, Level least);

/// Any thread. Control characters in values are escaped, bytes that are not UTF-8 replaced.
void write(Level level, std::string_view event, std::span<const Field> fields);

inline void debug(std::string_view event, Fields fields = {}) {
    write(Level::debug, event, fields);
}
inline void info(std::string_view event, Fields fields = {}) { write(Level::info, event, fields); }
inline void warning(std::string_view event, Fields fields = {}) {
    write(Level::warning, event, fields);
}
inline void error(std::string_view event, Fields fields = {}) {
    write(Level::error, event, fields);
}

}  // namespace belfry::log
