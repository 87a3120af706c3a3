/// JSON Schema of the configuration.
#pragma once

#include <string_view>

namespace belfry::websocket {

inline constexpr std::string_view kSchema = R"({
    "type": "object",
    "properties": {
        "mounts": {
            "type": "array",
            "description": "paths that take WebSockets",
            "items": {
                "type": "object",
                "properties": {
                    "path": {
                        "type": "string", "pattern": "^/", "maxLength": 1024,
                        "description": "path of the handshake"
                    },
                    "dialect": {
                        "type": "string", "minLength": 1, "default": "belfry.v1",
                        "description": "what the messages say"
                    },
                    "protocol": {
                        "type": "string", "pattern": "^[!#$%&'*+.^_`|~0-9A-Za-z-]*$", "default": "",
                        "description": "subprotocol that stands for the dialect; empty: its name"
                    }
                },
                "required": ["path"],
                "additionalProperties": false
            },
            "minItems": 1,
            "maxItems": 64,
            "default": [{"path": "/v1/ws"}],
            "x-reload": "instance"
        },
        "max_message": {
            "type": "integer", "x-unit": "bytes",
            "minimum": 128, "maximum": 67108864, "default": 65536,
            "description": "largest message taken from a client",
            "x-reload": "live"
        },
        "origins": {
            "type": "array",
            "description": "pages that may connect: https://host[:port]; none: same host; '*': any",
            "items": {"type": "string", "minLength": 1, "maxLength": 512},
            "maxItems": 256,
            "uniqueItems": true,
            "default": [],
            "x-reload": "live"
        }
    },
    "additionalProperties": false
})";

}  // namespace belfry::websocket
