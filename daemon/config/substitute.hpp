/// What stands in for a value: ${VARIABLE}, file: and credential:.
#pragma once

#include "daemon/base/error.hpp"
#include "daemon/config/environment.hpp"

#include <string>
#include <string_view>

namespace belfry::config {

struct Expanded {
    std::string text;
    bool has_changed = false;  ///< a variable was put in
};

/// Replaces ${NAME} and ${NAME:-default} (the default where NAME is unset or empty); $${ becomes
/// ${. What a variable holds is not looked at again, and is in no error.
Result<Expanded> expand(std::string_view text, const Environment& environment);

struct SecretText {
    std::string text;
    bool is_inline = false;  ///< it stood in the file itself
};

/// A secret's text: of file:/path, credential:name (a file in $CREDENTIALS_DIRECTORY), else after
/// `expand`. One line end behind the content of a file is taken away.
Result<SecretText> resolve_secret(std::string_view text, const Environment& environment);

}  // namespace belfry::config
