#include "daemon/net/http_parser.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>

namespace belfry::net {
namespace {

namespace http = boost::beast::http;
using Parser = http::request_parser<http::string_body>;

std::string lower(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), [](char letter) {
        return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter | 0x20) : letter;
    });
    return result;
}

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

Response refuse(unsigned status, std::string_view detail) {
    Response response = problem(status, detail);
    response.close = true;
    return response;
}

Response refusal_of(const boost::beast::error_code& error) {
    if (error == http::error::header_limit) {
        return refuse(431, "the header block is too large");
    }
    if (error == http::error::body_limit) {
        return refuse(413, "the body is too large");
    }
    if (error == http::error::bad_version) {
        return refuse(505, "expected HTTP/1.0 or HTTP/1.1");
    }
    return refuse(400, "malformed request: " + error.message());
}

/// Bytes RFC 9112 gives no meaning to in a target.
bool is_clean_target(std::string_view target) {
    return std::ranges::all_of(target, [](char byte) {
        return byte > 0x20 && byte < 0x7f && byte != '#' && byte != '"' && byte != '<' &&
               byte != '>' && byte != '\\' && byte != '^' && byte != '`';
    });
}

/// A host as RFC 9110 7.2 wants it: no list, no user, no path.
bool is_clean_host(std::string_view host) {
    return std::ranges::all_of(host, [](char byte) {
        return byte > 0x20 && byte < 0x7f && byte != '@' && byte != '/' && byte != ',' &&
               byte != '?' && byte != '#' && byte != '\\';
    });
}

}  // namespace

struct HttpParser::State {
    explicit State(const HttpLimits& given) : limits(given) {}

    void start() {
        parser.emplace();
        parser->header_limit(static_cast<std::uint32_t>(limits.request_line + limits.headers));
        parser->body_limit(limits.body);
        // The head alone first: the fields of a trailer are not among those of the head.
        parser->eager(false);
        head_checked = head_ended = false;
        scanned = line = 0;
        headers.clear();
    }

    std::optional<Response> check_lines();
    [[nodiscard]] std::size_t least_input() const;
    std::optional<Response> check_head() const;
    std::optional<Response> check_framing() const;
    std::optional<Response> parse();
    std::optional<Response> take_head();
    std::expected<Request, Response> finish();

    HttpLimits limits;
    std::string pending;
    std::optional<Parser> parser;
    Headers headers;
    std::size_t scanned = 0;  ///< of pending, while the head is not complete
    std::size_t line = 0;     ///< where the line begins that is being scanned
    bool head_ended = false;
    bool head_checked = false;
    bool expects_continue = false;
};

/// What Beast lets pass in a head: lines that end with LF alone, folded ones (RFC 9112 5.2), long
/// ones.
std::optional<Response> HttpParser::State::check_lines() {
    for (; scanned < pending.size() && !head_ended; ++scanned) {
        const char byte = pending[scanned];
        if (line == 0 && scanned > limits.request_line) {
            return refuse(414, "the request line is too long");
        }
        if (line > 0 && scanned == line && (byte == ' ' || byte == '\t')) {
            return refuse(400, "malformed request: a folded header line");
        }
        if (byte != '\n') {
            continue;
        }
        if (scanned == line || pending[scanned - 1] != '\r') {
            return refuse(400, "malformed request: a line must end with CR LF");
        }
        head_ended = scanned == line + 1;
        line = scanned + 1;
    }
    return std::nullopt;
}

std::optional<Response> HttpParser::State::check_framing() const {
    const auto& head = parser->get();
    const bool chunked = head.count(http::field::transfer_encoding) > 0;
    if (chunked && head.count(http::field::content_length) > 0) {
        return refuse(400, "both Transfer-Encoding and Content-Length");
    }
    if (head.count(http::field::content_length) > 1 ||
        head.count(http::field::transfer_encoding) > 1) {
        return refuse(400, "a repeated Content-Length or Transfer-Encoding");
    }
    if (!std::ranges::all_of(view(head[http::field::content_length]),
                             [](char digit) { return digit >= '0' && digit <= '9'; })) {
        return refuse(400, "expected a number as Content-Length");
    }
    if (chunked &&
        (head.version() < 11 || lower(view(head[http::field::transfer_encoding])) != "chunked")) {
        return refuse(501, "expected no transfer coding other than \"chunked\"");
    }
    return std::nullopt;
}

std::optional<Response> HttpParser::State::check_head() const {
    const auto& head = parser->get();
    if (head.version() != 11 && head.version() != 10) {
        return refuse(505, "expected HTTP/1.0 or HTTP/1.1");
    }
    if (static_cast<std::size_t>(std::distance(head.begin(), head.end())) > limits.header_count) {
        return refuse(431, "too many header fields");
    }
    const auto hosts = head.count(http::field::host);
    if (hosts > 1 || (hosts == 0 && head.version() == 11) ||
        !is_clean_host(view(head[http::field::host]))) {
        return refuse(400, "expected exactly one valid Host");
    }
    const auto target = view(head.target());
    if (target.empty() || target.front() != '/' || !is_clean_target(target)) {
        return refuse(400, "expected a target that is a path");
    }
    return check_framing();
}

/// Beast 1.81 asserts that a last chunk has the five bytes that the shortest one has.
std::size_t HttpParser::State::least_input() const {
    constexpr std::size_t kLastChunk = 5;
    return head_checked && parser->get().chunked() ? kLastChunk : 1;
}

/// Parses what is pending, to the end of the message at most.
std::optional<Response> HttpParser::State::parse() {
    boost::beast::error_code error;
    std::optional<Response> refusal;
    std::size_t used = 0;
    while (!error && !refusal && !parser->is_done() && pending.size() - used >= least_input()) {
        used +=
            parser->put(boost::asio::buffer(pending.data() + used, pending.size() - used), error);
        if (parser->is_header_done() && !head_checked) {
            refusal = take_head();
        }
    }
    pending.erase(0, used);
    if (error && error != http::error::need_more) {
        return refusal_of(error);
    }
    if (!refusal && head_checked && !parser->is_done() && pending.size() > limits.headers) {
        return refuse(431, "a chunk's extension or the trailer is too large");
    }
    return refusal;
}

std::optional<Response> HttpParser::State::take_head() {
    if (auto refusal = check_head()) {
        return refusal;
    }
    const auto& head = parser->get();
    std::size_t bytes = 0;
    for (const auto& field : head) {
        headers.emplace_back(lower(view(field.name_string())), view(field.value()));
        bytes += field.name_string().size() + field.value().size() + 4;
    }
    if (bytes > limits.headers) {
        return refuse(431, "the header block is too large");
    }
    expects_continue = head.version() == 11 && !parser->is_done() &&
                       lower(view(head[http::field::expect])) == "100-continue";
    parser->eager(true);
    head_checked = true;
    return std::nullopt;
}

std::expected<Request, Response> HttpParser::State::finish() {
    auto message = parser->release();
    Request request;
    request.method = view(message.method_string());
    request.minor = message.version() % 10;
    request.keep_alive = message.keep_alive();
    const auto target = view(message.target());
    const auto question = std::min(target.find('?'), target.size());
    auto path = percent_decode(target.substr(0, question));
    if (!path) {
        return std::unexpected(refuse(400, path.error().message));
    }
    request.path = std::move(*path);
    request.query = target.substr(std::min(question + 1, target.size()));
    request.headers = std::move(headers);
    request.body = std::move(message.body());
    parser.reset();
    return request;
}

HttpParser::HttpParser(const HttpLimits& limits) : state_(std::make_unique<State>(limits)) {}
HttpParser::~HttpParser() = default;
HttpParser::HttpParser(HttpParser&&) noexcept = default;
HttpParser& HttpParser::operator=(HttpParser&&) noexcept = default;

void HttpParser::feed(ByteView bytes) { state_->pending += text_of(bytes); }

std::expected<std::optional<Request>, Response> HttpParser::next() {
    State& state = *state_;
    if (state.pending.empty() && (!state.parser || !state.parser->is_header_done())) {
        return std::nullopt;
    }
    if (!state.parser) {
        state.start();
    }
    if (!state.parser->is_header_done()) {
        if (auto refusal = state.check_lines()) {
            return std::unexpected(std::move(*refusal));
        }
    }
    if (auto refusal = state.parse()) {
        return std::unexpected(std::move(*refusal));
    }
    if (!state.parser->is_done()) {
        return std::nullopt;
    }
    auto request = state.finish();
    if (!request) {
        return std::unexpected(std::move(request.error()));
    }
    return std::optional(std::move(*request));
}

std::string HttpParser::take_rest() { return std::exchange(state_->pending, {}); }

bool HttpParser::is_idle() const { return state_->pending.empty() && !state_->parser; }

bool HttpParser::is_in_body() const { return state_->parser && state_->parser->is_header_done(); }

bool HttpParser::take_expectation() { return std::exchange(state_->expects_continue, false); }

}  // namespace belfry::net
