/// Identifiers and their printable forms.
#pragma once

#include "daemon/base/random.hpp"
#include "daemon/base/time.hpp"

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace belfry {

/// Crockford's base 32 in lower case, without leading zeros; "0" for 0.
std::string to_base32(std::uint64_t number);
/// Nothing for text that to_base32 would not have written.
std::optional<std::uint64_t> from_base32(std::string_view text);

std::string to_hex(std::string_view bytes);

/// Makes notification ids: 26 characters that sort by the time they were made and, made by one
/// maker, strictly in the order made (ULID). Any thread.
class IdMaker {
public:
    IdMaker(const Clock& clock, Random& random) : clock_(clock), random_(random) {}
    std::string make();

private:
    const Clock& clock_;
    Random& random_;
    std::mutex mutex_;
    std::uint64_t last_time_ = 0;
    std::uint64_t high_ = 0;  ///< 16 bits
    std::uint64_t low_ = 0;
};

}  // namespace belfry
