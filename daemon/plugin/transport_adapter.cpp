#include "daemon/plugin/transport_adapter.hpp"

#include "daemon/plugin/abi_values.hpp"
#include "daemon/plugin/routes.hpp"

namespace belfry::plugin {

TransportAdapter::TransportAdapter(Port& port, const void* table)
    : port_(port), table_(fetch<bf_transport>(table).value_or(bf_transport{})) {}

std::vector<Route> TransportAdapter::routes() const { return read_routes(port_, table_.routes); }

void* TransportAdapter::open(bf_link& link, const bf_request& request) {
    return visit(
        port_, "open", [&](void* instance) { return table_.open(instance, &link, &request); },
        [&]() -> void* {
            link.respond(503, {}, {});
            return nullptr;
        });
}

void TransportAdapter::read(void* state, ByteView bytes) {
    if (table_.read != nullptr) {
        visit(port_, "read",
              [&](void* instance) { table_.read(instance, state, plugin::bytes(bytes)); });
    }
}

void TransportAdapter::attached(void* state, const bf_attached& result) {
    visit(port_, "attached", [&](void* instance) { table_.attached(instance, state, &result); });
}

SharedBytes TransportAdapter::frame(const bf_outgoing& message) {
    if (table_.frame == nullptr) {
        return {};
    }
    return visit(
        port_, "frame",
        [&](void* instance) { return SharedBytes::adopt(table_.frame(instance, &message)); },
        [] { return SharedBytes(); });
}

void TransportAdapter::messages(void* state, std::span<const bf_outgoing> messages) {
    if (table_.messages != nullptr) {
        visit(port_, "messages", [&](void* instance) {
            table_.messages(instance, state, messages.data(), messages.size());
        });
    }
}

void TransportAdapter::close(void* state, std::uint32_t code, std::string_view reason) {
    visit(port_, "close",
          [&](void* instance) { table_.close(instance, state, code, str(reason)); });
}

void TransportAdapter::closed(void* state) {
    visit(port_, "closed", [&](void* instance) { table_.closed(instance, state); });
}

void TransportAdapter::timer(void* state) {
    if (table_.timer != nullptr) {
        visit(port_, "timer", [&](void* instance) { table_.timer(instance, state); });
    }
}

void TransportAdapter::joined(void* state, void* owner_state) {
    if (table_.joined != nullptr) {
        visit(port_, "joined",
              [&](void* instance) { table_.joined(instance, state, owner_state); });
    }
}

void TransportAdapter::drained(void* state) {
    if (table_.drained != nullptr) {
        visit(port_, "drained", [&](void* instance) { table_.drained(instance, state); });
    }
}

}  // namespace belfry::plugin
