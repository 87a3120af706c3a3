/// JSON Schema of the configuration, and of a source's.
#pragma once

#include <string_view>

namespace belfry::nats {

inline constexpr std::string_view kSchema = R"({
    "type": "object",
    "additionalProperties": false,
    "properties": {
        "servers": {
            "type": "array", "minItems": 1, "maxItems": 64,
            "items": {"type": "string", "maxLength": 1024},
            "default": ["nats://127.0.0.1:4222"],
            "description": "nats://host:port or tls://host:port of the cluster's servers; one that answers is enough."
        },
        "name": {
            "type": "string", "maxLength": 256, "default": "belfry",
            "description": "How the server shows the connection to its operator."
        },
        "user": {"type": "string", "maxLength": 256},
        "password": {"type": "string", "maxLength": 4096, "x-secret": true},
        "token": {"type": "string", "maxLength": 4096, "x-secret": true},
        "nkey": {
            "type": "string", "pattern": "^U[A-Z2-7]{55}$",
            "description": "The public key, with nkey_seed_file."
        },
        "nkey_seed_file": {"type": "string", "maxLength": 4096},
        "credentials_file": {
            "type": "string", "maxLength": 4096,
            "description": "A .creds file: JWT and seed."
        },
        "tls": {
            "type": "object",
            "additionalProperties": false,
            "description": "Given, even empty: the connection is encrypted.",
            "properties": {
                "ca_file": {
                    "type": "string", "maxLength": 4096,
                    "description": "Who may have signed the server's certificate; without it those the system trusts."
                },
                "certificate_file": {"type": "string", "maxLength": 4096},
                "key_file": {"type": "string", "maxLength": 4096},
                "server_name": {
                    "type": "string", "maxLength": 253,
                    "description": "The name in the server's certificate, where it is not the host of its URL."
                },
                "verify": {
                    "type": "boolean", "default": true,
                    "description": "false takes any certificate: for a laboratory."
                }
            }
        },
        "prefix": {
            "type": "string", "maxLength": 200, "default": "belfry",
            "description": "First tokens of Belfry's own subjects, such as <prefix>.bus.7. Nodes of one deployment have the same."
        },
        "core_subjects": {
            "type": "array", "maxItems": 256, "default": [],
            "items": {"type": "string", "maxLength": 1024},
            "description": "Subjects, wildcards allowed, such as notify.*, that are published without JetStream: confirmed when the server has them, whether anybody listens or not. Every other subject must be one that a stream keeps."
        },
        "connect_timeout": {
            "type": "integer", "x-unit": "duration",
            "minimum": "100ms", "maximum": "5m", "default": "2s",
            "description": "For each server of the list."
        },
        "request_timeout": {
            "type": "integer", "x-unit": "duration",
            "minimum": "100ms", "maximum": "5m", "default": "5s",
            "description": "Until a request, or the confirmation of a message, counts as lost."
        }
    }
})";

inline constexpr std::string_view kSourceSchema = R"({
    "type": "object",
    "additionalProperties": false,
    "properties": {
        "stream": {
            "type": "string", "maxLength": 200,
            "description": "The JetStream stream, with durable. Without it the source is a plain subscription: at most once, what is sent while no node listens is lost."
        },
        "durable": {
            "type": "string", "maxLength": 200,
            "description": "The durable pull consumer. Nodes with the same one share its messages."
        },
        "subjects": {
            "type": "array", "maxItems": 256, "default": [],
            "items": {"type": "string", "maxLength": 1024},
            "description": "What the source takes, wildcards allowed. With a stream: the consumer's filter, empty for all the stream keeps."
        },
        "queue": {
            "type": "string", "maxLength": 200, "default": "belfry",
            "description": "Without a stream: nodes with the same queue share the messages; empty: each node gets them all."
        },
        "topology": {
            "type": "string", "enum": ["verify", "declare"], "default": "verify",
            "description": "verify: stream, consumer and dead letters' stream must be there and fit. declare: those that are missing are made."
        },
        "retention": {
            "type": "string", "enum": ["limits", "interest", "workqueue"], "default": "limits",
            "description": "Of a stream that is declared."
        },
        "storage": {
            "type": "string", "enum": ["file", "memory"], "default": "file",
            "description": "Of streams that are declared."
        },
        "replicas": {
            "type": "integer", "minimum": 1, "maximum": 5, "default": 1,
            "description": "Of streams that are declared."
        },
        "deliver": {
            "type": "string", "enum": ["all", "new", "last"], "default": "all",
            "description": "Where a consumer that is declared begins."
        },
        "ack_wait": {
            "type": "integer", "x-unit": "duration",
            "minimum": "1s", "maximum": "1d", "default": "60s",
            "description": "Of a consumer that is declared: how soon another node gets what a dead one held."
        },
        "retry": {
            "type": "object",
            "additionalProperties": false,
            "default": {},
            "properties": {
                "limit": {
                    "type": "integer", "minimum": 1, "maximum": 1000000, "default": 5,
                    "description": "Attempts; after the last a message becomes a dead letter."
                },
                "first": {
                    "type": "integer", "x-unit": "duration",
                    "minimum": "1ms", "maximum": "1d", "default": "1s"
                },
                "factor": {"type": "number", "minimum": 1, "maximum": 100, "default": 2},
                "longest": {
                    "type": "integer", "x-unit": "duration",
                    "minimum": "1ms", "maximum": "7d", "default": "5m"
                }
            }
        },
        "dead_letters": {
            "type": "string", "maxLength": 1024,
            "description": "The subject of dead letters, which a stream must keep; <prefix>.dlq.<durable> without. A source without a stream has none unless it is given: dead messages are logged and dropped."
        }
    }
})";

}  // namespace belfry::nats
