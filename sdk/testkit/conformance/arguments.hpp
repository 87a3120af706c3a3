/// Command lines of the kits.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::conformance {

/// What to do with the value of each option, by the option's name: "--seed".
using Setters = std::map<std::string_view, std::function<void(std::string_view)>>;

/// Sets what "--name value" and "--name=value" say. Throws std::invalid_argument, whose text names
/// the argument.
void parse_arguments(const std::vector<std::string_view>& arguments, const Setters& setters);

/// Throws std::invalid_argument, whose text names the option.
std::uint64_t number_of(std::string_view name, std::string_view text);

/// Into a text, a number, or an optional number.
std::function<void(std::string_view)> text_into(std::string& to);
std::function<void(std::string_view)> number_into(std::string_view name, std::uint64_t& to);
std::function<void(std::string_view)> number_into(std::string_view name,
                                                  std::optional<std::uint64_t>& to);

/// Is this for help, which GoogleTest gives for its own flags and leaves in place?
bool is_asking(int argc, char** argv);

/// Every `token` in `text` becomes `value`.
std::string replace_all(std::string text, std::string_view token, std::string_view value);

/// Eight small letters by chance.
std::string random_name();

}  // namespace belfry::conformance
