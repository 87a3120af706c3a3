#include "plugins/broker/nats/connect.hpp"

#include <vector>

namespace belfry::nats {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000;
// A peer that says nothing is given up after three of these.
constexpr std::int64_t kPingInterval = 3'000;  // ms
constexpr int kMostPingsOut = 2;

void require(natsStatus status, const std::string& what) {
    if (status != NATS_OK) {
        // The library's text may repeat a part of a file: it is not passed on.
        throw sdk::Failure(sdk::Status::invalid,
                           what + ": cannot be used: " + natsStatus_GetText(status));
    }
}

void authenticate(natsOptions* options, const Settings& settings) {
    if (!settings.user.empty()) {
        require(natsOptions_SetUserInfo(options, settings.user.c_str(), settings.password.c_str()),
                "user and password");
    }
    if (!settings.token.empty()) {
        require(natsOptions_SetToken(options, settings.token.c_str()), "token");
    }
    if (!settings.nkey.empty()) {
        require(natsOptions_SetNKeyFromSeed(options, settings.nkey.c_str(),
                                            settings.nkey_seed_file.c_str()),
                "nkey_seed_file");
    }
    if (!settings.credentials_file.empty()) {
        require(natsOptions_SetUserCredentialsFromFiles(options, settings.credentials_file.c_str(),
                                                        nullptr),
                "credentials_file");
    }
}

void encrypt(natsOptions* options, const Tls& tls) {
    require(natsOptions_SetSecure(options, true), "tls");
    if (!tls.ca_file.empty()) {
        require(natsOptions_LoadCATrustedCertificates(options, tls.ca_file.c_str()),
                "tls.ca_file " + tls.ca_file);
    }
    if (!tls.certificate_file.empty()) {
        require(natsOptions_LoadCertificatesChain(options, tls.certificate_file.c_str(),
                                                  tls.key_file.c_str()),
                "tls.certificate_file " + tls.certificate_file + " with its key");
    }
    if (!tls.server_name.empty()) {
        require(natsOptions_SetExpectedHostname(options, tls.server_name.c_str()),
                "tls.server_name");
    }
    require(natsOptions_SkipServerVerification(options, !tls.verify), "tls.verify");
}

}  // namespace

OptionsHandle make_options(const Settings& settings) {
    natsOptions* made = nullptr;
    require(natsOptions_Create(&made), "options");
    OptionsHandle options(made);
    std::vector<const char*> servers;
    servers.reserve(settings.servers.size());
    for (const auto& server : settings.servers) {
        servers.push_back(server.c_str());
    }
    require(natsOptions_SetServers(made, servers.data(), static_cast<int>(servers.size())),
            "servers");
    require(natsOptions_SetName(made, settings.name.c_str()), "name");
    require(natsOptions_SetTimeout(made, settings.connect_timeout / kMillisecond),
            "connect_timeout");
    require(natsOptions_SetWriteDeadline(made, settings.request_timeout / kMillisecond),
            "request_timeout");
    require(natsOptions_SetAllowReconnect(made, false), "options");
    require(natsOptions_SetPingInterval(made, kPingInterval), "options");
    require(natsOptions_SetMaxPingsOut(made, kMostPingsOut), "options");
    authenticate(made, settings);
    if (settings.tls) {
        encrypt(made, *settings.tls);
    }
    return options;
}

sdk::Failure failure_of(natsStatus status, const std::string& what) {
    auto outcome = sdk::Status::unavailable;
    if (status == NATS_CONNECTION_AUTH_FAILED || status == NATS_NOT_PERMITTED) {
        outcome = sdk::Status::refused;
    }
    return {outcome, what + ": " + natsStatus_GetText(status)};
}

}  // namespace belfry::nats
