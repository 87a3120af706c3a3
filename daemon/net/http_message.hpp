/// HTTP/1.1 messages as handlers see them (RFC 9110, 9112).
#pragma once

#include "daemon/base/bytes.hpp"
#include "daemon/base/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace belfry::net {

/// Names in lower case.
using Headers = std::vector<std::pair<std::string, std::string>>;

/// The value of the first header of that name; empty where there is none.
std::string_view find_header(const Headers& headers, std::string_view name);

/// Undoes %XX; nothing for a malformed escape or one that yields NUL.
Result<std::string> percent_decode(std::string_view text);

/// %XX for all but the unreserved characters of RFC 3986, section 2.3.
std::string percent_encode(std::string_view text);

/// The decoded value of a query parameter; empty where it is missing or malformed.
std::string query_value(std::string_view query, std::string_view name);

struct Request {
    std::string method;
    std::string path;   ///< decoded once, begins with '/'
    std::string query;  ///< as sent, without '?'
    Headers headers;
    std::string body;
    std::string peer;  ///< address for people and limits
    Headers params;    ///< what the route's {name} parts matched
    unsigned minor = 1;
    bool keep_alive = true;

    [[nodiscard]] std::string_view header(std::string_view name) const {
        return find_header(headers, name);
    }
};

struct Response {
    unsigned status = 200;
    Headers headers;
    std::string body;
    bool close = false;  ///< the connection ends with this response
};

/// A response with a JSON body.
Response json_response(unsigned status, std::string body);

/// The HTTP status that tells of a failure.
unsigned status_of(Code code);

/// A problem document (RFC 9457) for a failure; Retry-After where the error knows it.
Response problem(const Error& error);
/// The same for a failure of HTTP itself.
Response problem(unsigned status, std::string_view detail);

/// Head and body in one buffer. `upgrade_head` leaves out everything about a body's length.
SharedBytes to_wire(const Response& response, bool head_only, bool keep_alive,
                    std::string_view date);
SharedBytes upgrade_head(unsigned status, const Headers& headers, std::string_view date);

}  // namespace belfry::net
