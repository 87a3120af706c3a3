/// Places in a configuration file, and what is wrong there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace belfry::config {

/// A place in a file. Lines and columns count from 1, columns in bytes; line 0 is the file as a
/// whole.
struct Mark {
    std::shared_ptr<const std::string> file;
    std::uint32_t line = 0;
    std::uint32_t column = 0;
};

/// "file:line:column", or "file" where there is no line.
std::string to_string(const Mark& mark);

/// One thing wrong, or worth a warning. Holds no secret.
struct Problem {
    Mark where;
    std::string
        path;  ///< dotted keys and [index], for example "listeners[0].address"; empty = the whole
    std::string message;  ///< "expected X, found Y", without place and path
};

/// Beyond so many of a file nothing more is said.
inline constexpr std::size_t kMostProblems = 100;

/// "file:line:column: key.path: message".
std::string to_string(const Problem& problem);

/// `path` with one more key behind it.
std::string join_path(std::string_view path, std::string_view key);
/// `path` with "[index]" behind it.
std::string join_path(std::string_view path, std::size_t index);

/// `text` in double quotes for people: control characters escaped, cut after 60 bytes.
std::string quote(std::string_view text);

}  // namespace belfry::config
