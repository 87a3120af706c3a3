/// JSON Schemas of the configuration and of a source's.
#pragma once

#include <string_view>

namespace belfry::memory {

inline constexpr std::string_view kSchema = R"({
    "type": "object",
    "properties": {
        "group": {
            "type": "string", "maxLength": 256, "default": "",
            "description": "instances of a process in one group share queues and bus",
            "x-reload": "instance"
        },
        "max_messages": {
            "type": "integer", "minimum": 1, "maximum": 100000000, "default": 100000,
            "description": "messages kept; beyond it publishing is put off",
            "x-reload": "instance"
        },
        "max_bytes": {
            "type": "integer", "x-unit": "bytes",
            "minimum": 1024, "maximum": 1099511627776, "default": 67108864,
            "description": "bytes of messages kept; beyond it publishing is put off",
            "x-reload": "instance"
        }
    },
    "additionalProperties": false
})";

inline constexpr std::string_view kSourceSchema = R"({
    "type": "object",
    "required": ["destination"],
    "properties": {
        "destination": {
            "type": "string", "minLength": 1, "maxLength": 1026,
            "description": "a name, \"prefix.>\" for all that begin with \"prefix.\", or \">\" for all"
        },
        "dead_letters": {
            "type": "string", "maxLength": 1024, "default": "",
            "description": "where dead letters go; without it the source's name and \".dead\""
        },
        "retry": {
            "type": "object", "default": {},
            "description": "when a message whose handling failed is delivered again",
            "properties": {
                "limit": {
                    "type": "integer", "minimum": 1, "maximum": 1000000, "default": 5,
                    "description": "attempts; after the last one it is a dead letter"
                },
                "first": {
                    "type": "integer", "x-unit": "duration",
                    "minimum": 0, "maximum": "1d", "default": "1s",
                    "description": "the delay after the first attempt"
                },
                "factor": {
                    "type": "number", "minimum": 1, "maximum": 100, "default": 2,
                    "description": "by which the delay grows with each attempt"
                },
                "longest": {
                    "type": "integer", "x-unit": "duration",
                    "minimum": 0, "maximum": "30d", "default": "5m",
                    "description": "the longest delay"
                }
            },
            "additionalProperties": false
        }
    },
    "additionalProperties": false
})";

}  // namespace belfry::memory
