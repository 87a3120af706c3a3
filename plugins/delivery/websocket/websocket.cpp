/// WebSocket (RFC 6455) as a session transport.
#include "plugins/delivery/websocket/connection.hpp"
#include "plugins/delivery/websocket/frame.hpp"
#include "plugins/delivery/websocket/handshake.hpp"
#include "plugins/delivery/websocket/schema.hpp"
#include "plugins/delivery/websocket/settings.hpp"

#include <belfry/plugin.hpp>

#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

namespace belfry::websocket {
namespace {

class WebSocket final : public sdk::Transport {
public:
    static constexpr sdk::About kAbout{.name = "websocket",
                                       .version = "1.0.0",
                                       .summary = "WebSocket sessions (RFC 6455)",
                                       .config_schema = kSchema};

    static void check(std::string_view config) { (void)parse_settings(config); }

    WebSocket(sdk::Env env, std::string_view /*name*/, std::string_view config)
        : Transport(env), settings_(std::make_shared<const Settings>(parse_settings(config))),
          mounts_(settings_->mounts) {
        for (const Mount& mount : mounts_) {
            routes_.push_back({sizeof(bf_route), 0, sdk::str("GET"), sdk::str(mount.path),
                               sdk::str("Opens a WebSocket")});
        }
    }

    std::span<const bf_route> routes() override { return routes_; }

    std::unique_ptr<sdk::LinkState> open(sdk::Link link, const bf_request& request) override {
        const auto settings = current();
        const Mount& mount = mounts_.at(request.route);
        auto handshake = read_handshake(request, mount, settings->origins);
        if (!handshake) {
            refuse(link, handshake.error());
            return nullptr;
        }
        auto connection = std::make_unique<Connection>(
            env(), link, static_cast<std::uint32_t>(settings->max_message));
        connection->begin(std::move(*handshake), mount.dialect);
        return connection;
    }

    sdk::Buffer frame(const bf_outgoing& message) override {
        return env().buffer(make_frame(opcode_of(message.kind), sdk::view(message.payload)));
    }

    sdk::Applied apply(std::string_view config) override {
        auto settings = std::make_shared<const Settings>(parse_settings(config));
        if (settings->mounts != mounts_) {
            return sdk::Applied::restart;
        }
        const std::lock_guard lock(mutex_);
        settings_ = std::move(settings);
        return sdk::Applied::applied;
    }

private:
    static std::uint8_t opcode_of(std::uint32_t kind) {
        switch (kind) {
            case BF_FRAME_PING: return kPing;
            case BF_FRAME_BINARY: return kBinary;
            default: return kText;
        }
    }

    std::shared_ptr<const Settings> current() {
        const std::lock_guard lock(mutex_);
        return settings_;
    }

    std::mutex mutex_;
    std::shared_ptr<const Settings> settings_;
    const std::vector<Mount> mounts_;
    std::vector<bf_route> routes_;
};

}  // namespace
}  // namespace belfry::websocket

BELFRY_PLUGIN(belfry::websocket::WebSocket)
