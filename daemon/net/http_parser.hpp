/// Bytes to requests, without I/O.
#pragma once

#include "daemon/base/bytes.hpp"
#include "daemon/net/http_message.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace belfry::net {

struct HttpLimits {
    std::size_t request_line = 8 * 1024;
    std::size_t headers = 16 * 1024;
    std::size_t header_count = 100;
    std::size_t body = 256 * 1024;
};

/// Parses HTTP/1.x requests strictly (RFC 9112): what could be read in two ways is refused. One
/// thread.
class HttpParser {
public:
    explicit HttpParser(const HttpLimits& limits);
    ~HttpParser();
    HttpParser(const HttpParser&) = delete;
    HttpParser& operator=(const HttpParser&) = delete;
    HttpParser(HttpParser&&) noexcept;
    HttpParser& operator=(HttpParser&&) noexcept;

    /// Adds bytes behind what is still unread.
    void feed(ByteView bytes);
    /// The next complete request, nothing if more bytes are needed, or the response that says what
    /// is wrong; after that the connection must end.
    std::expected<std::optional<Request>, Response> next();
    /// Takes what has not been read; for a connection that changes its protocol.
    std::string take_rest();

    [[nodiscard]] bool is_idle() const;     ///< no byte of a further request is there
    [[nodiscard]] bool is_in_body() const;  ///< a head is complete, its body is not
    /// The client waits for "100 Continue" (RFC 9110 10.1.1); true once per request.
    bool take_expectation();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace belfry::net
