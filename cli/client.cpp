#include "cli/client.hpp"

#include "cli/text.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

#include <charconv>

namespace belfry::cli {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using LocalSocket = asio::local::stream_protocol::socket;

constexpr std::size_t kLongestAnswer = 64U << 20U;
constexpr std::size_t kLongestSocketPath = 107;  // unix(7)
constexpr std::string_view kProtocol = "belfry.v1";

std::unexpected<Failure> unreachable(const std::string& socket, const std::string& why) {
    return fail(EX_UNAVAILABLE,
                "cannot reach the daemon at " + socket + ": " + why +
                    "; is belfryd running? --socket or BELFRY_SOCKET names another");
}

Outcome<> connect_to(LocalSocket& target, const std::string& socket) {
    if (socket.empty() || socket.size() > kLongestSocketPath) {
        return fail(EX_USAGE, "--socket: expected a path of 1 to " +
                                  std::to_string(kLongestSocketPath) + " bytes");
    }
    beast::error_code error;
    target.connect(asio::local::stream_protocol::endpoint(socket), error);
    if (error) {
        return unreachable(socket, error.message());
    }
    return {};
}

Answer to_answer(http::response<http::string_body> response) {
    Answer answer{response.result_int(), std::move(response.body()), 0};
    const auto after = response[http::field::retry_after];
    std::from_chars(after.data(), after.data() + after.size(), answer.retry_after);
    return answer;
}

/// Of a close code: 3500 to 3999 say "do not come back" (ARCHITECTURE.md).
int exit_code_of(std::uint16_t close_code) {
    constexpr std::uint16_t kUnauthenticated = 3500;
    constexpr std::uint16_t kLastFinal = 3999;
    if (close_code < kUnauthenticated || close_code > kLastFinal) {
        return EX_UNAVAILABLE;
    }
    return close_code == kUnauthenticated ? EX_NOPERM : EX_PROTOCOL;
}

}  // namespace

struct Client::Connection {
    asio::io_context context;
    LocalSocket socket{context};
    beast::flat_buffer buffer;

    bool is_last = false;  ///< the daemon closes after the answer

    Outcome<Answer> exchange(const http::request<http::string_body>& request) {
        beast::error_code error;
        http::write(socket, request, error);
        // A daemon that refuses a request answers before it has read all of it.
        const beast::error_code unsent = error;
        http::response_parser<http::string_body> parser;
        parser.body_limit(kLongestAnswer);
        http::read(socket, buffer, parser, error);
        if (error) {
            return fail(EX_UNAVAILABLE,
                        "the daemon closed the connection: " + (unsent ? unsent : error).message());
        }
        is_last = unsent || !parser.get().keep_alive();
        return to_answer(parser.release());
    }
};

Client::Client(std::string socket) : socket_(std::move(socket)) {}
Client::~Client() = default;

Outcome<> Client::connect() {
    connection_ = std::make_unique<Connection>();
    auto connected = connect_to(connection_->socket, socket_);
    has_connected_ = has_connected_ || connected.has_value();
    return connected;
}

Outcome<Answer> Client::request(std::string_view method, const std::string& target,
                                std::string body) {
    if (connection_ == nullptr) {
        if (auto connected = connect(); !connected) {
            connection_.reset();
            return std::unexpected(connected.error());
        }
    }
    http::request<http::string_body> request(http::string_to_verb(method), target, 11);
    request.set(http::field::host, "belfry");
    if (!body.empty()) {
        request.set(http::field::content_type, "application/json");
        request.body() = std::move(body);
        request.prepare_payload();
    }
    auto answer = connection_->exchange(request);
    if (!answer || connection_->is_last) {
        connection_.reset();
    }
    return answer;
}

struct LiveLink::State {
    asio::io_context context;
    beast::websocket::stream<LocalSocket> stream{context};
    beast::flat_buffer buffer;
};

LiveLink::LiveLink(std::unique_ptr<State> state) : state_(std::move(state)) {}
LiveLink::~LiveLink() = default;
LiveLink::LiveLink(LiveLink&&) noexcept = default;
LiveLink& LiveLink::operator=(LiveLink&&) noexcept = default;

Outcome<LiveLink> LiveLink::open(const std::string& socket) {
    auto state = std::make_unique<State>();
    if (auto connected = connect_to(state->stream.next_layer(), socket); !connected) {
        return std::unexpected(connected.error());
    }
    state->stream.set_option(
        beast::websocket::stream_base::decorator([](beast::websocket::request_type& request) {
            request.set(http::field::sec_websocket_protocol, kProtocol);
        }));
    beast::error_code error;
    beast::websocket::response_type response;
    state->stream.handshake(response, "belfry", "/v1/ws", error);
    if (error == beast::websocket::error::upgrade_declined) {
        if (response.result() == http::status::service_unavailable ||
            response.result() == http::status::too_many_requests) {
            return fail(EX_UNAVAILABLE, "the daemon takes no live connections at the moment");
        }
        return fail(EX_PROTOCOL, "the daemon serves no live connections at /v1/ws (HTTP " +
                                     std::to_string(response.result_int()) + ")");
    }
    if (error) {
        return unreachable(socket, error.message());
    }
    return LiveLink(std::move(state));
}

Outcome<std::string> LiveLink::read() {
    beast::error_code error;
    state_->buffer.clear();
    state_->stream.read(state_->buffer, error);
    if (error == beast::websocket::error::closed) {
        const auto& reason = state_->stream.reason();
        return fail(exit_code_of(reason.code),
                    "the daemon closed the connection: " + std::to_string(reason.code) + ' ' +
                        printable(reason.reason.c_str()));
    }
    if (error) {
        return fail(EX_UNAVAILABLE, "the connection is gone: " + error.message());
    }
    return beast::buffers_to_string(state_->buffer.data());
}

Outcome<> LiveLink::write(const std::string& message) {
    beast::error_code error;
    state_->stream.write(asio::buffer(message), error);
    if (error) {
        return fail(EX_UNAVAILABLE, "the connection is gone: " + error.message());
    }
    return {};
}

}  // namespace belfry::cli
