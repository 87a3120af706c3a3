#include "plugins/storage/postgresql/options.hpp"

#include <belfry/types.hpp>

#include <boost/json.hpp>
#include <libpq-fe.h>

#include <map>
#include <memory>

namespace belfry::postgresql {

namespace json = boost::json;

namespace {

using Keywords = std::map<std::string, std::string>;

/// Those that were given. What libpq says of a string it cannot read repeats parts of it, which may
/// be secret: it is not passed on.
Keywords keywords_of(const std::string& connection) {
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed(
        PQconninfoParse(connection.c_str(), nullptr), PQconninfoFree);
    if (parsed == nullptr) {
        throw sdk::ConfigError(
            "connection: expected keywords as in \"host=localhost dbname=belfry\""
            " or a postgresql:// URI, found what libpq cannot read as either");
    }
    Keywords keywords;
    for (const auto* option = parsed.get(); option->keyword != nullptr; ++option) {
        if (option->val != nullptr) {
            keywords.emplace(option->keyword, option->val);
        }
    }
    return keywords;
}

void check_connection(const std::string& connection) {
    if (connection.contains('\0')) {
        throw sdk::ConfigError("connection: has a NUL in it");
    }
    const auto keywords = keywords_of(connection);
    if (keywords.contains("password")) {
        throw sdk::ConfigError("connection: has a password in it; give it as \"password\"");
    }
    for (const auto* own : {"client_encoding", "replication"}) {
        if (keywords.contains(own)) {
            throw sdk::ConfigError(std::string("connection: ") + own + " cannot be set");
        }
    }
}

void check_schema(const std::string& schema) {
    if (schema.starts_with("pg_") || schema == "information_schema") {
        throw sdk::ConfigError("schema: \"" + schema + "\" belongs to PostgreSQL");
    }
}

std::string quote_value(std::string_view value) {
    std::string quoted = "'";
    for (const char c : value) {
        if (c == '\'' || c == '\\') {
            quoted += '\\';
        }
        quoted += c;
    }
    return quoted + "'";
}

template <class Value>
Value value_or(const json::object& object, std::string_view key, const Value& otherwise) {
    const json::value* value = object.if_contains(key);
    return value == nullptr ? otherwise : json::value_to<Value>(*value);
}

}  // namespace

std::string Options::conninfo() const {
    auto keywords = keywords_of(connection);
    keywords["client_encoding"] = "UTF8";
    if (!password.empty()) {
        keywords["password"] = password;
    }
    // A peer that is gone is noticed in half a minute at the latest. What the operator says goes
    // first.
    const Keywords defaults{{"application_name", "belfry"},
                            {"connect_timeout", "5"},
                            {"keepalives_idle", "10"},
                            {"keepalives_interval", "5"},
                            {"keepalives_count", "3"},
                            {"tcp_user_timeout", "25000"},
                            {"target_session_attrs", "read-write"}};
    keywords.insert(defaults.begin(), defaults.end());
    std::string conninfo;
    for (const auto& [keyword, value] : keywords) {
        conninfo += keyword + "=" + quote_value(value) + " ";
    }
    return conninfo;
}

std::string Options::place() const {
    const auto keywords = keywords_of(connection);
    std::string place = "postgresql";
    for (const auto* key : {"host", "hostaddr", "port", "dbname"}) {
        if (const auto found = keywords.find(key); found != keywords.end()) {
            place += " " + found->second;
        }
    }
    return place + " schema " + schema;
}

Options parse_options(std::string_view config) {
    json::error_code error;
    const auto document = json::parse(json::string_view(config.data(), config.size()), error);
    const auto* object = error ? nullptr : document.if_object();
    if (object == nullptr) {
        throw sdk::ConfigError("the configuration is not a JSON object");
    }
    Options options;
    options.connection = value_or<std::string>(*object, "connection", "dbname=belfry");
    options.password = value_or<std::string>(*object, "password", "");
    options.schema = value_or<std::string>(*object, "schema", "belfry");
    options.readers = value_or<std::uint32_t>(*object, "readers", 4);
    options.require_durable = value_or<bool>(*object, "require_durable", false);
    check_connection(options.connection);
    check_schema(options.schema);
    return options;
}

}  // namespace belfry::postgresql
