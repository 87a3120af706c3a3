/// A session transport as the core sees it, and the link it drives.
#pragma once

#include "daemon/base/bytes.hpp"

#include <belfry/abi.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What a transport may do to one HTTP exchange or the stream it became: the daemon's side of
/// bf_host.link_*. Only on the link's thread.
struct bf_link {
public:
    bf_link() = default;
    bf_link(const bf_link&) = delete;
    bf_link& operator=(const bf_link&) = delete;
    virtual ~bf_link() = default;

    virtual void respond(std::uint32_t status, std::span<const bf_pair> headers,
                         belfry::ByteView body) = 0;
    virtual void upgrade(std::uint32_t status, std::span<const bf_pair> headers) = 0;
    virtual void write(belfry::SharedBytes bytes) = 0;
    virtual void finish() = 0;
    virtual void attach(const bf_attach& how) = 0;
    virtual void join(std::string_view key) = 0;
    virtual void message(belfry::ByteView message, bool is_text) = 0;
    virtual void alive() = 0;
    virtual void timer(std::int64_t delay) = 0;
    virtual void want(std::uint64_t bytes) = 0;
};

namespace belfry {

/// A path a plugin takes.
struct Route {
    std::string method;  ///< empty = any
    std::string path;    ///< "{name}" stands for one segment
    std::string summary;
};

/// One configured instance of a transport. `frame` may be called on any thread, the rest on the
/// link's. What the calls promise: sdk/include/belfry/abi/transport.h.
class Transport {
public:
    Transport() = default;
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;
    virtual ~Transport() = default;

    [[nodiscard]] virtual const std::string& name() const = 0;
    [[nodiscard]] virtual std::uint32_t flags() const = 0;  ///< BF_TRANSPORT_...
    [[nodiscard]] virtual std::vector<Route> routes() const = 0;
    virtual void* open(bf_link& link, const bf_request& request) = 0;
    virtual void read(void* state, ByteView bytes) = 0;
    virtual void attached(void* state, const bf_attached& result) = 0;
    virtual SharedBytes frame(const bf_outgoing& message) = 0;
    virtual void messages(void* state, std::span<const bf_outgoing> messages) = 0;
    virtual void close(void* state, std::uint32_t code, std::string_view reason) = 0;
    virtual void closed(void* state) = 0;
    virtual void timer(void* state) = 0;
    virtual void joined(void* state, void* owner_state) = 0;
    virtual void drained(void* state) = 0;
};

}  // namespace belfry
