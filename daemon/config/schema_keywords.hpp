/// The keywords of a schema, one by one.
#pragma once

#include "daemon/base/error.hpp"
#include "daemon/config/rule.hpp"

#include <boost/json/value.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace belfry::config {

/// A schema below a schema: /properties/name, /items, /additionalProperties.
using ParseRule = Result<std::unique_ptr<const Rule>> (*)(const boost::json::value& schema,
                                                          const std::string& pointer);

/// One keyword with its value, and where it stands.
struct Keyword {
    std::string_view name;
    const boost::json::value& value;
    std::string pointer;
    ParseRule parse_rule;
};

/// Sets what a keyword says in `rule`. "type" and "x-unit" must come before all others. The error's
/// pointer is the keyword's, or one below it.
Result<> apply_keyword(Rule& rule, const Keyword& keyword);

/// The name of a type as schemas have it.
std::string_view name_of(Type type);

/// RFC 6901: `pointer` with one more token.
std::string join_pointer(std::string_view pointer, std::string_view token);

}  // namespace belfry::config
