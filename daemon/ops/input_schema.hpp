/// Checks the input of operations.
#pragma once

#include "daemon/base/error.hpp"
#include "daemon/config/schema.hpp"

#include <boost/json/value.hpp>

#include <string_view>

namespace belfry::ops {

/// A JSON Schema in the subset of config/schema.hpp. Beyond it, these are for readers and not
/// checked: anyOf (its place takes anything), format, examples, and the items of an array with
/// "x-each".
class InputSchema {
public:
    static Result<InputSchema> parse(std::string_view text);

    /// The first thing wrong: `invalid` with the JSON pointer (RFC 6901) to it.
    [[nodiscard]] Result<> check(const boost::json::value& input) const;
    /// A member's value from a text, as a path, a query or a header has it, by the schema's type
    /// for it. `invalid` where there is no such member or the text is not of its type.
    [[nodiscard]] Result<boost::json::value> from_text(std::string_view member,
                                                       std::string_view text) const;

private:
    explicit InputSchema(config::Schema schema) : schema_(std::move(schema)) {}
    config::Schema schema_;
};

}  // namespace belfry::ops
