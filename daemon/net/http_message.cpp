#include "daemon/net/http_message.hpp"

#include "daemon/base/time.hpp"

#include <boost/beast/http/status.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>

namespace belfry::net {
namespace {

int hex_digit(char digit) {
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    const char lower = static_cast<char>(digit | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string_view reason_of(unsigned status) {
    const auto text =
        boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(status));
    return {text.data(), text.size()};
}

/// Text that cannot end its line (RFC 9110 5.5).
void append_in_line(std::string& head, std::string_view text) {
    const auto begin = static_cast<std::ptrdiff_t>(head.size());
    head += text;
    std::replace_if(
        head.begin() + begin, head.end(),
        [](char byte) { return byte == '\r' || byte == '\n' || byte == '\0'; }, ' ');
}

bool has_body(unsigned status) { return status != 204 && status != 304; }

void append_head(std::string& head, unsigned status, const Headers& headers,
                 std::string_view date) {
    head += "HTTP/1.1 " + std::to_string(status) + ' ';
    head += reason_of(status);
    head += "\r\ndate: ";
    head += date;
    head += "\r\n";
    for (const auto& [name, value] : headers) {
        append_in_line(head, name);
        head += ": ";
        append_in_line(head, value);
        head += "\r\n";
    }
}

}  // namespace

std::string_view find_header(const Headers& headers, std::string_view name) {
    const auto found = std::ranges::find(headers, name, &Headers::value_type::first);
    return found == headers.end() ? std::string_view{} : found->second;
}

Result<std::string> percent_decode(std::string_view text) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i];
            continue;
        }
        const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
        const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
        if (high < 0 || low < 0 || (high == 0 && low == 0)) {
            return fail(Code::invalid, "malformed percent escape");
        }
        decoded += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return decoded;
}

std::string percent_encode(std::string_view text) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    constexpr std::string_view kMarks = "-._~";
    std::string encoded;
    for (const char byte : text) {
        const auto value = static_cast<unsigned char>(byte);
        const bool is_plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                              (byte >= '0' && byte <= '9') || kMarks.contains(byte);
        if (is_plain) {
            encoded += byte;
        } else {
            encoded += {'%', kHex[value >> 4U], kHex[value & 15U]};
        }
    }
    return encoded;
}

std::string query_value(std::string_view query, std::string_view name) {
    while (!query.empty()) {
        const auto end = std::min(query.find('&'), query.size());
        const std::string_view pair = query.substr(0, end);
        const auto equals = std::min(pair.find('='), pair.size());
        if (pair.substr(0, equals) == name) {
            std::string value(pair.substr(std::min(equals + 1, pair.size())));
            std::ranges::replace(value, '+', ' ');
            return percent_decode(value).value_or("");
        }
        query.remove_prefix(std::min(end + 1, query.size()));
    }
    return {};
}

Response json_response(unsigned status, std::string body) {
    return {.status = status,
            .headers = {{"content-type", "application/json"}, {"cache-control", "no-store"}},
            .body = std::move(body)};
}

unsigned status_of(Code code) {
    switch (code) {
        case Code::duplicate:
        case Code::conflict: return 409;
        case Code::not_found: return 404;
        case Code::invalid: return 422;
        case Code::refused: return 403;
        case Code::retry:
        case Code::unavailable:
        case Code::closed: return 503;
        case Code::gone: return 410;
        case Code::unauthenticated: return 401;
        case Code::limited: return 429;
        case Code::too_large: return 413;
    }
    return 500;
}

Response problem(const Error& error) {
    const unsigned status = status_of(error.code);
    boost::json::object document{{"type", "about:blank"},
                                 {"title", reason_of(status)},
                                 {"status", status},
                                 {"code", name_of(error.code)},
                                 {"detail", error.message}};
    if (!error.pointer.empty()) {
        document["pointer"] = error.pointer;
    }
    Response response{
        .status = status,
        .headers = {{"content-type", "application/problem+json"}, {"cache-control", "no-store"}},
        .body = boost::json::serialize(document)};
    if (error.retry_after > 0) {
        const auto seconds = (error.retry_after + kSecond - 1) / kSecond;
        response.headers.emplace_back("retry-after", std::to_string(seconds));
    }
    if (status == 401) {
        response.headers.emplace_back("www-authenticate", "Bearer");
    }
    return response;
}

Response problem(unsigned status, std::string_view detail) {
    const boost::json::object document{{"type", "about:blank"},
                                       {"title", reason_of(status)},
                                       {"status", status},
                                       {"detail", detail}};
    return {
        .status = status,
        .headers = {{"content-type", "application/problem+json"}, {"cache-control", "no-store"}},
        .body = boost::json::serialize(document)};
}

SharedBytes to_wire(const Response& response, bool head_only, bool keep_alive,
                    std::string_view date) {
    std::string head;
    head.reserve(256 + (head_only ? 0 : response.body.size()));
    append_head(head, response.status, response.headers, date);
    if (has_body(response.status)) {
        head += "content-length: " + std::to_string(response.body.size()) + "\r\n";
    }
    head += keep_alive ? "\r\n" : "connection: close\r\n\r\n";
    if (!head_only && has_body(response.status)) {
        head += response.body;
    }
    return SharedBytes::copy(head);
}

SharedBytes upgrade_head(unsigned status, const Headers& headers, std::string_view date) {
    std::string head;
    append_head(head, status, headers, date);
    head += "\r\n";
    return SharedBytes::copy(head);
}

}  // namespace belfry::net
