/// What the frames of a session say.
#pragma once

#include "daemon/base/bytes.hpp"
#include "daemon/live/position.hpp"
#include "daemon/plugin/app.hpp"
#include "daemon/plugin/values.hpp"

#include <span>
#include <string>
#include <string_view>

namespace belfry::live {

class Session;

/// A stream a session follows, as its hello tells of it.
struct Following {
    std::string_view stream;
    Position position;
};

/// `encode` on any thread, the rest on the session's. Messages are what the transport puts into
/// frames; an empty message is not sent.
class Dialect {
public:
    Dialect() = default;
    Dialect(const Dialect&) = delete;
    Dialect& operator=(const Dialect&) = delete;
    virtual ~Dialect() = default;

    [[nodiscard]] virtual const std::string& name() const = 0;
    /// May a client attach first and say who it is in a message?
    [[nodiscard]] virtual bool allows_late_login() const = 0;
    /// What the session follows from the start; answered on the session's thread.
    virtual void open(Session& session, const bf_request* request, Callback<SessionSetup> done) = 0;
    virtual std::string hello(const Session& session, std::span<const Following> following) = 0;
    virtual SharedBytes encode(const std::string& stream, std::uint64_t epoch,
                               const Entry& entry) = 0;
    /// Entries of a stream the session follows can no longer be had.
    virtual std::string lost(const Following& following) = 0;
    /// An answer to `Session::subscribe`.
    virtual std::string subscribed(const Following& following) = 0;
    virtual std::string failed(const Error& error, std::string_view about) = 0;
    /// The connection will end; come back in `after`.
    virtual std::string goaway(Nanos after) = 0;
    virtual void on_message(Session& session, ByteView message, bool is_text) = 0;
    virtual void on_closed(Session& session) = 0;
};

}  // namespace belfry::live
