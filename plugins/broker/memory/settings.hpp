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

/// When a message whose handling failed is delivered again.
struct Retries {
    std::uint64_t limit = 5;             ///< attempts
    std::int64_t first = 1'000'000'000;  ///< ns
    double factor = 2;
    std::int64_t longest = 300'000'000'000;  ///< ns
};

/// How long to wait after this attempt (from 1), in nanoseconds.
[[nodiscard]] std::int64_t delay_after(const Retries& retries, std::uint64_t attempt);

struct SourceSettings {
    std::string pattern;
    std::string dead_letters;
    Retries retries;
};

/// The configuration of the source `name`, as kSourceSchema has it; what is missing has its
/// default. Throws sdk::Failure (invalid), whose text names the key.
[[nodiscard]] SourceSettings parse_source(std::string_view name, std::string_view config);

}  // namespace belfry::memory
