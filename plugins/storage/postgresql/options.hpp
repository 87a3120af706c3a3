/// The instance's configuration.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace belfry::postgresql {

struct Options {
    std::string connection;  ///< libpq's keywords or URI, without a password
    std::string password;
    std::string schema = "belfry";
    std::uint32_t readers = 4;
    bool require_durable = false;

    bool operator==(const Options&) const = default;

    /// What libpq is given, password included: never for a message or a log.
    [[nodiscard]] std::string conninfo() const;
    /// For messages: host, database, schema.
    [[nodiscard]] std::string place() const;
};

/// From JSON that is valid by kConfigSchema. Throws sdk::ConfigError.
Options parse_options(std::string_view config);

constexpr std::string_view kConfigSchema = R"({
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "connection": {
      "type": "string",
      "maxLength": 4000,
      "default": "dbname=belfry",
      "description": "Where the database is, as libpq has it: keywords such as \"host=db.example dbname=belfry user=belfry\", or a postgresql:// URI. Without a password."
    },
    "password": {
      "type": "string",
      "maxLength": 4000,
      "x-secret": true,
      "description": "The password, where the server asks for one."
    },
    "schema": {
      "type": "string",
      "minLength": 1,
      "maxLength": 63,
      "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
      "default": "belfry",
      "description": "The namespace of the tables. It is made if it is not there and belongs to one deployment."
    },
    "readers": {
      "type": "integer",
      "minimum": 1,
      "maximum": 64,
      "default": 4,
      "description": "Connections that read beside the one that writes."
    },
    "require_durable": {
      "type": "boolean",
      "default": false,
      "description": "Refuse to start where fsync, full_page_writes or synchronous_commit let a commit be lost with the power."
    }
  }
})";

}  // namespace belfry::postgresql
