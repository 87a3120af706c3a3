/// An application plugin as an App.
#pragma once

#include "daemon/plugin/app.hpp"
#include "daemon/plugin/port.hpp"
#include "daemon/plugin/reply_book.hpp"

#include <belfry/abi.h>

#include <string>
#include <vector>

namespace belfry::plugin {

class AppAdapter final : public App {
public:
    /// `table` is a checked bf_app. `port` outlives this.
    AppAdapter(Port& port, const void* table);

    [[nodiscard]] const std::string& name() const override { return port_.env().name(); }
    [[nodiscard]] std::vector<Route> routes() const override;
    [[nodiscard]] std::vector<std::string> dialects() const override;
    void request(const bf_request& request, std::string_view principal, bf_reply* reply) override;
    void dialect_open(std::uint64_t dialect, bf_session& session, const bf_session_info& info,
                      Executor& home, Callback<SessionSetup> done) override;
    SharedBytes dialect_encode(std::uint64_t dialect, const std::string& stream,
                               std::uint64_t epoch, const Entry& entry) override;
    void dialect_message(std::uint64_t dialect, bf_session& session, ByteView message,
                         bool is_text) override;
    void dialect_closed(std::uint64_t dialect, bf_session& session) override;
    void step(const std::string& name, const std::string& input, Executor& home,
              Callback<std::string> done) override;

    /// Answers the requests that still wait.
    void close() { replies_.close(); }

private:
    Port& port_;
    const bf_app table_;  ///< functions that an older plugin lacks are NULL
    ReplyBook replies_;
};

}  // namespace belfry::plugin
