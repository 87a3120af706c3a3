/// UTF-8.
#pragma once

#include <string_view>

namespace belfry::postgresql {

/// RFC 3629: no surrogates, nothing above U+10FFFF, no overlong forms. PostgreSQL takes nothing
/// else.
bool is_utf8(std::string_view text);

}  // namespace belfry::postgresql
