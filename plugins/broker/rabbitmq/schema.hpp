/// JSON Schemas of the configuration and of a source's.
#pragma once

#include <string_view>

namespace belfry::rabbitmq {

inline constexpr std::string_view kSchema = R"({
    "type": "object",
    "properties": {
        "url": {
            "type": "string", "minLength": 1, "maxLength": 4000, "default": "amqp://localhost",
            "description": "amqp://host:port/vhost, or amqps:// for TLS; the virtual host is percent-encoded and / without one"
        },
        "user": {"type": "string", "minLength": 1, "maxLength": 255, "default": "guest"},
        "password": {
            "type": "string", "maxLength": 4000, "x-secret": true,
            "description": "of the user; without it \"guest\""
        },
        "tls": {
            "type": "object", "default": {},
            "description": "for amqps://",
            "properties": {
                "ca": {
                    "type": "string", "maxLength": 4000, "default": "",
                    "description": "file of the authorities that are trusted; without it the system's"
                },
                "cert": {
                    "type": "string", "maxLength": 4000, "default": "",
                    "description": "file of the own certificate, where the server asks for one"
                },
                "key": {
                    "type": "string", "maxLength": 4000, "default": "",
                    "description": "file of the own certificate's key"
                },
                "verify": {
                    "type": "boolean", "default": true,
                    "description": "whether the server's certificate and name are checked"
                }
            },
            "additionalProperties": false
        },
        "heartbeat": {
            "type": "integer", "x-unit": "duration",
            "minimum": "1s", "maximum": "10m", "default": "15s",
            "description": "a connection that is silent for twice as long is given up; in whole seconds"
        },
        "frame_max": {
            "type": "integer", "x-unit": "bytes",
            "minimum": 4096, "maximum": 16777216, "default": 131072,
            "description": "the largest frame; a message's headers must fit into one"
        },
        "connection_name": {
            "type": "string", "maxLength": 200, "default": "belfry",
            "description": "by which the server shows the connections"
        },
        "prefix": {
            "type": "string", "maxLength": 100, "pattern": "^[A-Za-z0-9._-]+$", "default": "belfry",
            "description": "begins the names of the queues and the exchange that this plugin makes for itself"
        },
        "bus_exchange": {
            "type": "string", "maxLength": 127, "default": "",
            "description": "the exchange between the nodes; without it <prefix>.bus"
        }
    },
    "additionalProperties": false
})";

inline constexpr std::string_view kSourceSchema = R"({
    "type": "object",
    "required": ["queue"],
    "description": "A message's id is its message_id property. AMQP gives a message no other identity: one without message_id that Belfry did not publish has the same coordinates while this daemon runs, also over reconnects, and others when it is delivered again to another process. Let producers set message_id, or take the id from the content.",
    "properties": {
        "queue": {"type": "string", "minLength": 1, "maxLength": 150},
        "topology": {
            "type": "string", "enum": ["verify", "declare"], "default": "verify",
            "description": "verify: queue, exchanges and dead letters must be there; AMQP has no way to look at bindings. declare: they are made"
        },
        "queue_type": {
            "type": "string", "enum": ["quorum", "classic"], "default": "quorum",
            "description": "of the queues that are declared"
        },
        "durable": {
            "type": "boolean", "default": true,
            "description": "whether a classic queue that is declared outlives the server's restart; a quorum queue does"
        },
        "arguments": {
            "type": "object", "default": {}, "additionalProperties": true,
            "description": "of the queue that is declared, such as x-max-length. A quorum queue without x-delivery-limit gets one that is never reached: RabbitMQ drops what comes back more often"
        },
        "exchanges": {
            "type": "array", "default": [], "maxItems": 1000,
            "items": {
                "type": "object", "required": ["name"],
                "properties": {
                    "name": {"type": "string", "minLength": 1, "maxLength": 127},
                    "type": {"type": "string", "minLength": 1, "maxLength": 127, "default": "topic"},
                    "durable": {"type": "boolean", "default": true}
                },
                "additionalProperties": false
            }
        },
        "bindings": {
            "type": "array", "default": [], "maxItems": 10000,
            "description": "of the queue that is declared",
            "items": {
                "type": "object", "required": ["exchange"],
                "properties": {
                    "exchange": {"type": "string", "minLength": 1, "maxLength": 127},
                    "routing_key": {"type": "string", "maxLength": 255, "default": ""},
                    "arguments": {"type": "object", "default": {}, "additionalProperties": true}
                },
                "additionalProperties": false
            }
        },
        "attempts_header": {
            "type": "string", "minLength": 1, "maxLength": 200, "default": "x-retry-attempts",
            "description": "the header that counts the attempts made"
        },
        "dead_letters": {
            "type": "string", "maxLength": 200, "default": "",
            "description": "the queue that dead letters are read from; without it the queue's name and \".dlq\""
        },
        "dead_letter_exchange": {
            "type": "string", "maxLength": 127, "default": "",
            "description": "where dead letters are published, with the name of their queue as routing key; without it straight into that queue"
        },
        "retry": {
            "type": "object", "default": {},
            "description": "when a message whose handling failed is delivered again. Until then it waits in a queue <prefix>.retry.<queue>.<milliseconds>, which goes when it is not used",
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
                    "minimum": 0, "maximum": "10d", "default": "5m",
                    "description": "the longest delay"
                }
            },
            "additionalProperties": false
        }
    },
    "additionalProperties": false
})";

}  // namespace belfry::rabbitmq
