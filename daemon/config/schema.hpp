/// Validation of configuration by JSON Schema: the daemon's own and each plugin's.
///
/// The subset of JSON Schema 2020-12: type (one of string, integer, number, boolean, object,
/// array), properties, required, additionalProperties (true, false or a schema), items, enum,
/// const, minimum, maximum, minLength, maxLength, pattern, minItems, maxItems, uniqueItems,
/// default, description, title, and $schema and $id at the top. Extensions:
///   x-secret  true on a string: the value comes by file:/path, credential:name or ${VARIABLE};
///   written
///             into the file itself it gives a warning. It is in no message.
///   x-unit    on an integer. "duration": 500ms, 2s, 5m, 1h, 1d or 0, becomes nanoseconds. "bytes":
///   512,
///             64KiB, 1MiB, 1GiB, becomes bytes. minimum, maximum and default may be written so,
///             too.
///   x-reload  "live", "instance" or "daemon": what a change needs; for readers.
/// Unlike JSON Schema: `default` is filled in (also the defaults inside a default), a key without a
/// value counts as absent, and additionalProperties is false unless said otherwise.
#pragma once

#include "daemon/base/error.hpp"
#include "daemon/config/document.hpp"
#include "daemon/config/environment.hpp"
#include "daemon/config/problem.hpp"

#include <boost/json/value.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::config {

struct Rule;

/// A parsed schema; immutable, cheap to copy, any thread.
class Schema {
public:
    /// Refuses keywords outside the subset, keywords that do not fit their type, and defaults that
    /// break their own schema. The error's pointer says where.
    static Result<Schema> parse(std::string_view json_text);

    [[nodiscard]] const Rule& root() const { return *root_; }

private:
    explicit Schema(std::shared_ptr<const Rule> root) : root_(std::move(root)) {}
    std::shared_ptr<const Rule> root_;
};

struct Context {
    const Environment& environment;
    std::string path = {};  ///< of the node in its file, for messages: "brokers.main.config"
};

struct Validation {
    /// Defaults filled in, secrets resolved (so never to be logged), keys sorted; only complete
    /// where `problems` is empty.
    boost::json::value canonical;
    std::vector<Problem> problems;  ///< everything wrong, in the order found
    std::vector<Problem> warnings;

    [[nodiscard]] bool ok() const { return problems.empty(); }
};

/// Checks a value of a profile. ${VARIABLE} and ${VARIABLE:-default} are replaced in every scalar;
/// $${ is a literal ${.
Validation validate(const Schema& schema, const Node& node, const Context& context);

/// One JSON text for one value: no spaces, keys sorted, numbers in their shortest form.
std::string to_json_text(const boost::json::value& value);

}  // namespace belfry::config
