/// HTTP/1.1 as a producer speaks it.
#pragma once

#include "tests/bench/poller.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace belfry::bench {

/// A request with this body; `bearer` may be empty.
std::string post_request(std::string_view path, std::string_view bearer, std::string_view body);

/// The whole response that is at the beginning of the bytes.
struct ResponseHead {
    unsigned status = 0;
    std::size_t size = 0;  ///< with its body; 0 = not all there
};
ResponseHead first_response(std::string_view bytes);

/// One connection that pipelines. An answer other than 2xx is a failure of the poller.
class Publisher final : public Watched {
public:
    /// `poller` outlives this.
    explicit Publisher(Poller& poller) : poller_(poller) {}

    Result<> connect(std::uint16_t port);
    /// Writes `count` requests in one go.
    void send(std::string_view requests, std::size_t count);
    /// Requests that are not answered.
    [[nodiscard]] std::size_t waiting() const { return waiting_; }

    void on_ready(std::uint32_t events) override;

private:
    void flush();
    void read();
    void take(std::string_view response, unsigned status);

    Poller& poller_;
    net::Socket socket_;
    std::string out_;
    std::size_t sent_ = 0;  ///< of out_
    std::string in_;
    std::size_t waiting_ = 0;
    bool is_writing_ = false;
};

}  // namespace belfry::bench
