/// A session transport plugin as a Transport.
#pragma once

#include "daemon/plugin/port.hpp"
#include "daemon/plugin/transport.hpp"

#include <belfry/abi.h>

#include <string>
#include <vector>

namespace belfry::plugin {

class TransportAdapter final : public Transport {
public:
    /// `table` is a checked bf_transport. `port` outlives this.
    TransportAdapter(Port& port, const void* table);

    [[nodiscard]] const std::string& name() const override { return port_.env().name(); }
    [[nodiscard]] std::uint32_t flags() const override { return table_.flags; }
    [[nodiscard]] std::vector<Route> routes() const override;
    void* open(bf_link& link, const bf_request& request) override;
    void read(void* state, ByteView bytes) override;
    void attached(void* state, const bf_attached& result) override;
    SharedBytes frame(const bf_outgoing& message) override;
    void messages(void* state, std::span<const bf_outgoing> messages) override;
    void close(void* state, std::uint32_t code, std::string_view reason) override;
    void closed(void* state) override;
    void timer(void* state) override;
    void joined(void* state, void* owner_state) override;
    void drained(void* state) override;

private:
    Port& port_;
    const bf_transport table_;  ///< functions that an older plugin lacks are NULL
};

}  // namespace belfry::plugin
