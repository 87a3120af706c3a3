/// What a failure of SQLite means for the caller and for the instance.
#pragma once

#include "plugins/storage/sqlite/database.hpp"

#include <belfry/types.hpp>

#include <cstdint>
#include <string>

namespace belfry::sqlite {

constexpr std::int64_t kRetryAfter = 100'000'000;  ///< 100 ms

struct Trouble {
    sdk::Status status = sdk::Status::unavailable;
    std::string message;
    std::int64_t retry_after = kRetryAfter;
    bool fatal = false;    ///< what is on the disk is not certain: nothing may be done any more
    bool external = true;  ///< of the disk, memory or another program, not of what was asked

    [[nodiscard]] sdk::Failure failure() const { return {status, message, retry_after}; }
};

/// `path` is for the message.
Trouble trouble_of(const SqlError& error, const std::string& path);

/// The same for what is not SQLite's, such as a lack of memory.
Trouble trouble_of(const std::exception& error, const std::string& path);

}  // namespace belfry::sqlite
