/// HTTP as a test writes and reads it.
#pragma once

#include "belfry/testkit/memory_host.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::testkit {

struct Request {
    std::string method = "GET";
    std::string path = "/";
    std::string query = {};
    Fields headers = {};  ///< names in lower case
    std::string body = {};
    std::string peer = "127.0.0.1";
    Fields params = {};
    std::uint32_t http_minor = 1;
    std::uint64_t route = 0;
};

/// The head of an answer, and its body where it was a whole one.
struct Answer {
    std::uint32_t status = 0;
    Fields headers = {};
    std::string body = {};

    /// By its lower-case name; empty where it is not there.
    [[nodiscard]] std::string header(std::string_view name) const;
};

/// A request for the wire; borrows from the Request.
class WireRequest {
public:
    explicit WireRequest(const Request& from);
    [[nodiscard]] const bf_request& get() const { return wire_; }

private:
    std::vector<bf_pair> headers_;
    std::vector<bf_pair> params_;
    bf_request wire_{};
};

}  // namespace belfry::testkit
