/// JSON that can be read in one way only.
#pragma once

#include "daemon/base/error.hpp"

#include <boost/json/storage_ptr.hpp>
#include <boost/json/value.hpp>

#include <string_view>

namespace belfry {

constexpr std::size_t kJsonDepth = 32;

/// RFC 8259 text, and `invalid` also for a member that is there twice, text that is not UTF-8, and
/// nesting beyond kJsonDepth. The value lives in `storage`.
Result<boost::json::value> parse_strict_json(std::string_view text,
                                             boost::json::storage_ptr storage = {});

}  // namespace belfry
