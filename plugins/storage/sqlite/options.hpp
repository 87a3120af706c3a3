/// The instance's configuration.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace belfry::sqlite {

enum class Synchronous { full, normal, extra };

struct Options {
    std::string path;
    Synchronous synchronous = Synchronous::full;
    std::uint32_t readers = 2;
    std::uint32_t wal_autocheckpoint = 4000;  ///< pages
    std::uint32_t write_through = 32;         ///< entries
    std::uint32_t journal_entries = 262'144;
    std::uint32_t recent_events = 262'144;
    bool require_durable = false;

    bool operator==(const Options&) const = default;
};

std::string_view name_of(Synchronous level);

/// From JSON that is valid by kConfigSchema. Throws sdk::ConfigError.
Options parse_options(std::string_view config);

constexpr std::string_view kConfigSchema = R"({
  "type": "object",
  "additionalProperties": false,
  "required": ["path"],
  "properties": {
    "path": {
      "type": "string",
      "minLength": 1,
      "maxLength": 4000,
      "default": "belfry.db",
      "description": "The database file. It is made if it is not there; its folder must exist."
    },
    "synchronous": {
      "type": "string",
      "enum": ["full", "normal", "extra"],
      "default": "full",
      "description": "full: a commit survives loss of power. normal: the last commits may not."
    },
    "readers": {
      "type": "integer",
      "minimum": 1,
      "maximum": 16,
      "default": 2,
      "description": "Threads that read beside the one that writes."
    },
    "wal_autocheckpoint": {
      "type": "integer",
      "minimum": 100,
      "maximum": 1000000,
      "default": 4000,
      "description": "Pages of 4 KiB in the write-ahead log before they are moved into the database."
    },
    "write_through": {
      "type": "integer",
      "minimum": 0,
      "maximum": 1000000,
      "default": 32,
      "description": "A commit of more entries than this keeps them in its journal, from which they come into their table a moment later."
    },
    "journal_entries": {
      "type": "integer",
      "minimum": 100,
      "maximum": 10000000,
      "default": 262144,
      "description": "So many entries are collected in the journal at most, before they move on together. Each takes some 50 bytes of memory."
    },
    "recent_events": {
      "type": "integer",
      "minimum": 64,
      "maximum": 10000000,
      "default": 262144,
      "description": "So many of the newest events are remembered in memory only, from which the others are read at a start. Each takes some 25 bytes."
    },
    "require_durable": {
      "type": "boolean",
      "default": false,
      "description": "Do not start where a commit may not survive loss of power."
    }
  }
})";

}  // namespace belfry::sqlite
