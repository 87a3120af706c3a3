/// The configuration of an instance.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::websocket {

/// A path that takes WebSockets, and what is spoken there.
struct Mount {
    std::string path;
    std::string dialect;
    std::string protocol;  ///< Sec-WebSocket-Protocol that names the dialect

    bool operator==(const Mount&) const = default;
};

struct Settings {
    std::vector<Mount> mounts;
    std::uint64_t max_message = 0;     ///< bytes of one message of a client
    std::vector<std::string> origins;  ///< see is_allowed_origin()
};

/// Throws sdk::ConfigError for what the schema cannot say.
[[nodiscard]] Settings parse_settings(std::string_view config);

}  // namespace belfry::websocket
