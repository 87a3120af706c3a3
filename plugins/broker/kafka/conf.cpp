#include "plugins/broker/kafka/conf.hpp"

#include <belfry/types.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace belfry::kafka {
namespace {

/// Belfry sets these itself: its promises rest on them, or they are secrets with settings of their
/// own, or they would load code.
constexpr std::array<std::string_view, 24> kOwn{"acks",
                                                "allow.auto.create.topics",
                                                "auto.commit.enable",
                                                "auto.commit.interval.ms",
                                                "auto.offset.reset",
                                                "bootstrap.servers",
                                                "enable.auto.commit",
                                                "enable.auto.offset.store",
                                                "enable.gapless.guarantee",
                                                "enable.idempotence",
                                                "enable.partition.eof",
                                                "group.id",
                                                "group.instance.id",
                                                "isolation.level",
                                                "log.queue",
                                                "message.send.max.retries",
                                                "metadata.broker.list",
                                                "partition.assignment.strategy",
                                                "plugin.library.paths",
                                                "request.required.acks",
                                                "retries",
                                                "sasl.password",
                                                "ssl.key.password",
                                                "transactional.id"};

void set_property(rd_kafka_conf_t* conf, const std::string& name, const std::string& value,
                  const std::string& prefix) {
    std::array<char, 512> error{};
    // The library would stop at a NUL.
    const bool is_text = (name + value).find('\0') == std::string::npos;
    if (!is_text || rd_kafka_conf_set(conf, name.c_str(), value.c_str(), error.data(),
                                      error.size()) != RD_KAFKA_CONF_OK) {
        throw sdk::Failure(sdk::Status::invalid,
                           prefix + name + ": " + (is_text ? error.data() : "has a NUL"));
    }
}

void set_allowed(rd_kafka_conf_t* conf, const std::string& name, const std::string& value) {
    const bool is_own = std::ranges::find(kOwn, name) != kOwn.end() || name.ends_with("_cb") ||
                        name.starts_with("test.") || name == "opaque";
    if (is_own) {
        throw sdk::Failure(
            sdk::Status::invalid,
            "properties." + name + ": Belfry sets it itself or has a setting for it");
    }
    set_property(conf, name, value, "properties.");
}

void set_secret(rd_kafka_conf_t* conf, const char* name, const std::string& value) {
    if (!value.empty()) {
        std::array<char, 512> error{};
        if (rd_kafka_conf_set(conf, name, value.c_str(), error.data(), error.size()) !=
            RD_KAFKA_CONF_OK) {
            throw sdk::Failure(sdk::Status::invalid, std::string(name) + ": not acceptable");
        }
    }
}

void on_error(rd_kafka_t* handle, int code, const char* text, void* opaque) {
    auto error = static_cast<rd_kafka_resp_err_t>(code);
    std::string reason = text == nullptr ? "" : text;
    if (error == RD_KAFKA_RESP_ERR__FATAL) {
        std::array<char, 512> fatal{};
        (void)rd_kafka_fatal_error(handle, fatal.data(), fatal.size());
        reason = fatal.data();
    }
    static_cast<Troubles*>(opaque)->trouble(error, reason);
}

}  // namespace

ConfPtr make_conf(const Settings& settings, Properties defaults, Properties fixed) {
    ConfPtr conf(rd_kafka_conf_new());
    set_property(conf.get(), "client.id", "belfry", "");
    set_property(conf.get(), "topic.metadata.refresh.interval.ms", "10000", "");
    set_property(conf.get(), "reconnect.backoff.ms", "100", "");
    set_property(conf.get(), "reconnect.backoff.max.ms", "2000", "");
    // Not by the log: what matters comes as errors, and the library's log would be standard error.
    set_property(conf.get(), "log_level", "0", "");
    for (const auto& [name, value] : defaults) {
        set_property(conf.get(), name, value, "");
    }
    for (const auto& [name, value] : settings.properties) {
        set_allowed(conf.get(), name, value);
    }
    set_property(conf.get(), "bootstrap.servers", settings.brokers, "brokers: ");
    set_secret(conf.get(), "sasl.password", settings.sasl_password);
    set_secret(conf.get(), "ssl.key.password", settings.ssl_key_password);
    for (const auto& [name, value] : fixed) {
        set_property(conf.get(), name, value, "");
    }
    return conf;
}

HandlePtr make_handle(rd_kafka_type_t type, ConfPtr conf, Troubles& troubles) {
    rd_kafka_conf_set_error_cb(conf.get(), on_error);
    rd_kafka_conf_set_log_cb(conf.get(), [](const rd_kafka_t* /*handle*/, int /*level*/,
                                            const char* /*facility*/, const char* /*text*/) {});
    rd_kafka_conf_set_opaque(conf.get(), &troubles);
    std::array<char, 512> error{};
    HandlePtr handle(rd_kafka_new(type, conf.get(), error.data(), error.size()));
    if (!handle) {
        throw sdk::Failure(sdk::Status::invalid, std::string("properties: ") + error.data());
    }
    (void)conf.release();  // now the handle's. NOLINT(bugprone-unused-return-value)
    return handle;
}

void check_properties(const Settings& settings) { (void)make_conf(settings, {}, {}); }

}  // namespace belfry::kafka
