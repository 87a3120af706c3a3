/// An application plugin as the core sees it, and the things it answers to.
#pragma once

#include "daemon/base/bytes.hpp"
#include "daemon/base/executor.hpp"
#include "daemon/plugin/transport.hpp"
#include "daemon/plugin/values.hpp"

#include <belfry/abi.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

/// One HTTP request waiting for its answer: the daemon's side of bf_host.reply. `send` ends it, on
/// any thread, and destroys it.
struct bf_reply {
public:
    bf_reply() = default;
    bf_reply(const bf_reply&) = delete;
    bf_reply& operator=(const bf_reply&) = delete;
    virtual ~bf_reply() = default;
    virtual void send(std::uint32_t status, std::span<const bf_pair> headers,
                      belfry::ByteView body) = 0;
};

/// An attached client: the daemon's side of bf_host.session_*. Any thread.
struct bf_session {
public:
    bf_session() = default;
    bf_session(const bf_session&) = delete;
    bf_session& operator=(const bf_session&) = delete;
    virtual ~bf_session() = default;
    virtual void send(belfry::ByteView message) = 0;
    virtual void set_streams(std::vector<std::string> streams) = 0;
    virtual void close(std::uint32_t code, std::string_view reason) = 0;
};

namespace belfry {

struct SessionSetup {
    std::vector<std::string> streams;
    std::vector<std::string> greeting;
    bool from_head = false;
};

/// One configured instance of an application plugin. Any thread. What the calls promise:
/// sdk/include/belfry/abi/app.h.
class App {
public:
    App() = default;
    App(const App&) = delete;
    App& operator=(const App&) = delete;
    virtual ~App() = default;

    [[nodiscard]] virtual const std::string& name() const = 0;
    [[nodiscard]] virtual std::vector<Route> routes() const = 0;
    [[nodiscard]] virtual std::vector<std::string> dialects() const = 0;
    /// `reply` is given away.
    virtual void request(const bf_request& request, std::string_view principal,
                         bf_reply* reply) = 0;
    virtual void dialect_open(std::uint64_t dialect, bf_session& session,
                              const bf_session_info& info, Executor& home,
                              Callback<SessionSetup> done) = 0;
    /// Empty where the dialect is silent about the entry.
    virtual SharedBytes dialect_encode(std::uint64_t dialect, const std::string& stream,
                                       std::uint64_t epoch, const Entry& entry) = 0;
    virtual void dialect_message(std::uint64_t dialect, bf_session& session, ByteView message,
                                 bool is_text) = 0;
    virtual void dialect_closed(std::uint64_t dialect, bf_session& session) = 0;
    virtual void step(const std::string& name, const std::string& input, Executor& home,
                      Callback<std::string> done) = 0;
};

}  // namespace belfry
