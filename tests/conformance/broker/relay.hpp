/// Completions between a broker of the tests and the memory broker inside it.
#pragma once

#include "plugins/broker/memory/broker.hpp"

#include <functional>
#include <memory>
#include <utility>

namespace belfry::test {

/// Takes a completion of the memory broker, so that it can be said in other words.
template <class Value>
struct Relay {
    using Answer = std::function<void(sdk::Done<Value>&, const bf_result&, const void*)>;

    static bf_done around(sdk::Done<Value> outer, Answer answer) {
        return {new Relay{std::move(outer), std::move(answer)}, &complete};
    }
    static void complete(void* ctx, const bf_result* result, const void* value) {
        const std::unique_ptr<Relay> self(static_cast<Relay*>(ctx));
        self->answer(self->outer, *result, value);
    }

    sdk::Done<Value> outer;
    Answer answer;
};

template <class Value>
void fail_as(sdk::Done<Value>& outer, const bf_result& result) {
    outer.fail(static_cast<sdk::Status>(result.status), sdk::view(result.message));
}

/// The memory broker's own functions: they make a completion of what a method throws.
inline const bf_broker& memory_table() {
    static const bf_broker table = memory::Broker::make_table<memory::Broker>();
    return table;
}

/// The value of a text member of a configuration without escapes; empty where there is none.
std::string member(std::string_view config, const std::string& name);

}  // namespace belfry::test
