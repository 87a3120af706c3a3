/// SQL text.
#pragma once

#include <string>
#include <string_view>

namespace belfry::postgresql {

/// `name` as an identifier.
std::string quote_name(std::string_view name);

/// `text` as a literal; standard_conforming_strings is on in every session.
std::string quote_literal(std::string_view text);

/// `sql` with every `@.` turned into the quoted schema and a dot: nothing leans on search_path.
std::string in_schema(std::string_view schema, std::string_view sql);

}  // namespace belfry::postgresql
