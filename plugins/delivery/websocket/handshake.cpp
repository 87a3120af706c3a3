#include "plugins/delivery/websocket/handshake.hpp"

#include "plugins/delivery/websocket/origin.hpp"
#include "plugins/delivery/websocket/tokens.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <span>

namespace belfry::websocket {
namespace {

constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr std::string_view kBearerItem = "bearer.";
constexpr std::size_t kMostProtocols = 64;

bool has_item(const bf_request& request, std::string_view header, std::string_view wanted) {
    const auto items = list_items(header_values(request, header));
    return std::any_of(items.begin(), items.end(),
                       [wanted](std::string_view item) { return is_same(item, wanted); });
}

std::optional<Refusal> check_method(const bf_request& request) {
    if (sdk::view(request.method) != "GET") {
        return Refusal{405, "a WebSocket is opened by GET", "allow", "GET"};
    }
    if (request.http_minor == 0) {
        return Refusal{400, "a WebSocket needs HTTP/1.1"};
    }
    if (request.body.len != 0) {
        return Refusal{400, "a handshake has no body"};
    }
    return std::nullopt;
}

std::optional<Refusal> check_upgrade(const bf_request& request) {
    if (!has_item(request, "upgrade", "websocket")) {
        return Refusal{426, "this path takes WebSockets only", "upgrade", "websocket"};
    }
    if (!has_item(request, "connection", "upgrade")) {
        return Refusal{400, "header Connection does not say Upgrade"};
    }
    const auto versions = header_values(request, "sec-websocket-version");
    if (versions.size() != 1 || versions.front() != "13") {
        return Refusal{426, "expected Sec-WebSocket-Version 13", "sec-websocket-version", "13"};
    }
    return std::nullopt;
}

/// Base64 of 16 bytes, in its only form.
bool is_key(std::string_view key) {
    std::array<unsigned char, 18> bytes{};
    if (key.size() != 24 || !key.ends_with("==") || key.find('=') != key.size() - 2 ||
        EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(key.data()), 24) !=
            18) {
        return false;
    }
    std::array<unsigned char, 25> again{};
    EVP_EncodeBlock(again.data(), bytes.data(), 16);
    return std::equal(key.begin(), key.end(), again.begin());
}

std::string accept_of(std::string_view key) {
    const std::string text = std::string(key) + std::string(kGuid);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr) != 1) {
        throw sdk::Failure(sdk::Status::unavailable, "SHA-1 is not available");
    }
    std::array<unsigned char, 29> base64{};
    const int length = EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(size));
    return {reinterpret_cast<const char*>(base64.data()), static_cast<std::size_t>(length)};
}

std::optional<Refusal> take_protocols(const bf_request& request, const Mount& mount,
                                      Handshake& handshake) {
    const auto items = list_items(header_values(request, "sec-websocket-protocol"));
    const std::set<std::string_view> distinct(items.begin(), items.end());
    if (items.size() > kMostProtocols || distinct.size() != items.size() ||
        !std::all_of(items.begin(), items.end(), is_token)) {
        return Refusal{400, "header Sec-WebSocket-Protocol is malformed"};
    }
    for (const std::string_view item : items) {
        if (item == mount.protocol) {
            handshake.protocol = item;
        } else if (item.starts_with(kBearerItem)) {
            handshake.credential = item.substr(kBearerItem.size());
        }
    }
    return std::nullopt;
}

/// Other schemes than Bearer are not for us: proxies use them.
std::optional<Refusal> take_authorization(const bf_request& request, Handshake& handshake) {
    const auto values = header_values(request, "authorization");
    if (values.size() > 1) {
        return Refusal{400, "header Authorization is there more than once"};
    }
    if (values.empty() || !is_same(values.front().substr(0, values.front().find(' ')), "bearer")) {
        return std::nullopt;
    }
    const auto value = values.front();
    const auto start = value.find_first_not_of(' ', std::string_view("bearer").size());
    if (start == std::string_view::npos) {
        return Refusal{401, "header Authorization has no token", "www-authenticate", "Bearer"};
    }
    handshake.credential = value.substr(start);
    return std::nullopt;
}

std::optional<Refusal> check_origin(const bf_request& request,
                                    const std::vector<std::string>& allowed) {
    const auto origins = header_values(request, "origin");
    if (origins.empty()) {
        return std::nullopt;
    }
    if (origins.size() > 1 ||
        !is_allowed_origin(origins.front(), sdk::header(request, "host"), allowed)) {
        return Refusal{403, "this origin is not allowed"};
    }
    return std::nullopt;
}

std::optional<Refusal> take_query(const bf_request& request, Handshake& handshake) {
    const auto since = query_value(sdk::view(request.query), "since");
    const auto device = query_value(sdk::view(request.query), "device");
    if (!since || !device) {
        return Refusal{400, "query parameter since or device is malformed"};
    }
    handshake.since = *since;
    handshake.device = *device;
    return std::nullopt;
}

}  // namespace

std::expected<Handshake, Refusal> read_handshake(const bf_request& request, const Mount& mount,
                                                 const std::vector<std::string>& origins) {
    Handshake handshake;
    auto refusal = check_method(request);
    if (!refusal) {
        refusal = check_upgrade(request);
    }
    const auto keys = header_values(request, "sec-websocket-key");
    if (!refusal && (keys.size() != 1 || !is_key(keys.front()))) {
        refusal = Refusal{400, "header Sec-WebSocket-Key is not base64 of 16 bytes"};
    }
    if (!refusal) {
        refusal = check_origin(request, origins);
    }
    if (!refusal) {
        refusal = take_protocols(request, mount, handshake);
    }
    if (!refusal) {
        refusal = take_authorization(request, handshake);
    }
    if (!refusal) {
        refusal = take_query(request, handshake);
    }
    if (refusal) {
        return std::unexpected(*refusal);
    }
    handshake.accept = accept_of(keys.front());
    return handshake;
}

void refuse(sdk::Link& link, const Refusal& refusal) {
    std::vector<bf_pair> headers{{sdk::str("content-type"), sdk::str("application/problem+json")}};
    if (!refusal.header.empty()) {
        headers.push_back({sdk::str(refusal.header), sdk::str(refusal.header_value)});
    }
    if (refusal.header == "upgrade") {
        headers.push_back({sdk::str("connection"), sdk::str("upgrade")});
    }
    const std::string body = R"({"type":"about:blank","status":)" + std::to_string(refusal.status) +
                             R"(,"title":")" + std::string(refusal.reason) + R"("})";
    link.respond(refusal.status, headers, body);
}

void accept(sdk::Link& link, const Handshake& handshake) {
    std::vector<bf_pair> headers{{sdk::str("upgrade"), sdk::str("websocket")},
                                 {sdk::str("connection"), sdk::str("Upgrade")},
                                 {sdk::str("sec-websocket-accept"), sdk::str(handshake.accept)}};
    if (!handshake.protocol.empty()) {
        headers.push_back({sdk::str("sec-websocket-protocol"), sdk::str(handshake.protocol)});
    }
    link.upgrade(101, headers);
}

}  // namespace belfry::websocket
