// The entry; and what a class of the SDK cannot do wrong.
#include "tests/conformance/broker/faulty_broker.hpp"

namespace belfry::faulty {
namespace {

/// Completes twice.
struct Twice {
    static void complete(void* ctx, const bf_result* result, const void* value) {
        const std::unique_ptr<Twice> self(static_cast<Twice*>(ctx));
        self->outer.call(self->outer.ctx, result, value);
        self->outer.call(self->outer.ctx, result, value);
    }
    bf_done outer;
};

const bf_broker& plain() {
    static const bf_broker table = FaultyBroker::make_table<FaultyBroker>();
    return table;
}

bool has(void* instance, std::string_view fault) {
    return static_cast<FaultyBroker&>(sdk::detail::instance_of(instance)).has(fault);
}

void publish(void* instance, const bf_message* message, bf_done done) {
    if (has(instance, "completes-twice")) {
        done = {new Twice{done}, &Twice::complete};
    }
    plain().publish(instance, message, done);
}

void replay(void* instance, bf_str source, std::uint64_t limit, std::int64_t before, bf_done done) {
    if (has(instance, "says-ok-without-a-value")) {
        const bf_result result{sizeof result, BF_OK, {}, 0};
        done.call(done.ctx, &result, nullptr);
        return;
    }
    plain().replay(instance, source, limit, before, done);
}

const bf_plugin* describe(const bf_host* host) {
    static bf_broker table = plain();
    table.publish = publish;
    table.replay = replay;
    static bf_plugin plugin = *sdk::detail::Export<FaultyBroker>::describe(host);
    sdk::detail::given_host() = host;
    plugin.table = &table;
    return &plugin;
}

}  // namespace
}  // namespace belfry::faulty

extern "C" __attribute__((visibility("default"))) const bf_plugin* belfry_plugin_v1(
    const bf_host* host);
extern "C" const bf_plugin* belfry_plugin_v1(const bf_host* host) {
    return belfry::faulty::describe(host);
}
