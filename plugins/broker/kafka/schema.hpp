/// JSON Schemas of the configuration and of a source's.
#pragma once

#include <string_view>

namespace belfry::kafka {

inline constexpr std::string_view kSchema = R"({
    "type": "object",
    "required": ["brokers"],
    "properties": {
        "brokers": {
            "type": "array", "minItems": 1, "maxItems": 1000,
            "items": {"type": "string", "minLength": 1, "maxLength": 300},
            "description": "host:port of some of the cluster's brokers; the others are found through them"
        },
        "prefix": {
            "type": "string", "maxLength": 100, "pattern": "^[A-Za-z0-9._-]+$", "default": "belfry",
            "description": "begins the name of the bus's topic, <prefix>.bus"
        },
        "properties": {
            "type": "object", "default": {}, "additionalProperties": true,
            "description": "settings of librdkafka by their names there, such as security.protocol; those that Belfry's promises rest on are refused"
        },
        "sasl_password": {
            "type": "string", "maxLength": 4000, "x-secret": true,
            "description": "librdkafka's sasl.password"
        },
        "ssl_key_password": {
            "type": "string", "maxLength": 4000, "x-secret": true,
            "description": "librdkafka's ssl.key.password"
        }
    },
    "additionalProperties": false
})";

inline constexpr std::string_view kSourceSchema = R"({
    "type": "object",
    "required": ["topics", "group"],
    "description": "A message's coordinates are <topic>/<partition>@<offset>.<timestamp>. A topic that was deleted and made again under its name gives other coordinates, unless its messages were written with the very timestamps of the former ones. What is to be tried again waits in the topic <group>.retry and comes back from there to this group only, after others of its key; replayed dead letters take the same way. Kafka cannot delete one message: dead letters that were replayed are those before the offsets that the group <group>.replay has committed in their topic.",
    "properties": {
        "topics": {
            "type": "array", "minItems": 1, "maxItems": 1000, "uniqueItems": true,
            "items": {"type": "string", "minLength": 1, "maxLength": 249, "pattern": "^[A-Za-z0-9._-]+$"}
        },
        "group": {
            "type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[A-Za-z0-9._-]+$",
            "description": "the consumer group; one source of one daemon, or of several that share the work"
        },
        "topology": {
            "type": "string", "enum": ["verify", "declare"], "default": "verify",
            "description": "verify: topics, <group>.retry and dead letters must be there. declare: those that are missing are made"
        },
        "partitions": {
            "type": "integer", "minimum": 1, "maximum": 10000, "default": 4,
            "description": "of topics that are declared; retries and dead letters have one"
        },
        "replication": {
            "type": "integer", "minimum": 0, "maximum": 100, "default": 0,
            "description": "replicas of each topic that is declared; 0: as the cluster says"
        },
        "retention": {
            "type": "integer", "x-unit": "duration", "minimum": 0, "maximum": "3650d", "default": 0,
            "description": "how long topics that are declared keep messages; 0: as the cluster says. Retries are kept for a week, dead letters for ever"
        },
        "start": {
            "type": "string", "enum": ["earliest", "latest"], "default": "earliest",
            "description": "where a group begins that has not consumed yet"
        },
        "dead_letters": {
            "type": "string", "maxLength": 249, "default": "",
            "description": "the topic of dead letters; without it the first topic's name and \".dlq\""
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
                    "minimum": 0, "maximum": "3d", "default": "5m",
                    "description": "the longest delay"
                }
            },
            "additionalProperties": false
        }
    },
    "additionalProperties": false
})";

}  // namespace belfry::kafka
