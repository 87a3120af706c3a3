/// The configuration of an instance and of its sources.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace belfry::memory {

struct Limits {
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;
};

struct Settings {
    std::string group;
    Limits limits;
};

/// `config` is valid by the schema.
[[nodiscard]] Settings parse_settings(std::string_view config);

/// The destination or pattern of a source's configuration, {"destination": "orders.>"}. Throws
/// sdk::Failure (invalid).
[[nodiscard]] std::string parse_source(std::string_view config);

}  // namespace belfry::memory
