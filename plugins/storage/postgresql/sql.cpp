#include "plugins/storage/postgresql/sql.hpp"

namespace belfry::postgresql {

namespace {

std::string quote(std::string_view text, char mark) {
    std::string quoted(1, mark);
    for (const char c : text) {
        quoted.append(c == mark ? 2 : 1, c);
    }
    quoted += mark;
    return quoted;
}

}  // namespace

std::string quote_name(std::string_view name) { return quote(name, '"'); }

std::string quote_literal(std::string_view text) { return quote(text, '\''); }

std::string in_schema(std::string_view schema, std::string_view sql) {
    constexpr std::string_view kMark = "@.";
    const std::string prefix = quote_name(schema) + ".";
    std::string result;
    result.reserve(sql.size() + sql.size() / 4);
    for (;;) {
        const auto at = sql.find(kMark);
        result += sql.substr(0, at);
        if (at == std::string_view::npos) {
            return result;
        }
        result += prefix;
        sql.remove_prefix(at + kMark.size());
    }
}

}  // namespace belfry::postgresql
