/// JSON Schema of the configuration.
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

}  // namespace belfry::memory
