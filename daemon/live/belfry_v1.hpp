/// The client protocol belfry.v1 (DESIGN 8; ARCHITECTURE.md, "The client protocol").
#pragma once

#include "daemon/live/dialect.hpp"

namespace belfry::live {

/// JSON messages whose member `op` says what they are. Stateless.
class BelfryV1 final : public Dialect {
public:
    [[nodiscard]] const std::string& name() const override;
    [[nodiscard]] bool allows_late_login() const override { return true; }
    void open(Session& session, const bf_request* request, Callback<SessionSetup> done) override;
    std::string hello(const Session& session, std::span<const Following> following) override;
    SharedBytes encode(const std::string& stream, std::uint64_t epoch, const Entry& entry) override;
    std::string lost(const Following& following) override;
    std::string subscribed(const Following& following) override;
    std::string failed(const Error& error, std::string_view about) override;
    std::string goaway(Nanos after) override;
    void on_message(Session& session, ByteView message, bool is_text) override;
    void on_closed(Session& /*session*/) override {}
};

}  // namespace belfry::live
