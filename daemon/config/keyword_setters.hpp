/// What each keyword of a schema does to a rule.
#pragma once

#include "daemon/config/schema_keywords.hpp"

namespace belfry::config::keywords {

Result<> set_type(Rule& rule, const Keyword& keyword);
Result<> set_unit(Rule& rule, const Keyword& keyword);
Result<> set_properties(Rule& rule, const Keyword& keyword);
Result<> set_required(Rule& rule, const Keyword& keyword);
Result<> set_additional(Rule& rule, const Keyword& keyword);
Result<> set_items(Rule& rule, const Keyword& keyword);
Result<> set_enum(Rule& rule, const Keyword& keyword);
Result<> set_const(Rule& rule, const Keyword& keyword);
Result<> set_bound(Rule& rule, const Keyword& keyword, bool is_least);
Result<> set_length(Rule& rule, const Keyword& keyword, bool is_least);
Result<> set_pattern(Rule& rule, const Keyword& keyword);
Result<> set_unique(Rule& rule, const Keyword& keyword);
Result<> set_secret(Rule& rule, const Keyword& keyword);
Result<> set_default(Rule& rule, const Keyword& keyword);
Result<> check_text(Rule& rule, const Keyword& keyword);
Result<> check_reload(Rule& rule, const Keyword& keyword);

}  // namespace belfry::config::keywords
