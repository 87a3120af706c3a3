/// One call of an instance that is under way.
#pragma once

#include "sdk/testkit/conformance/wire_of.hpp"

#include <belfry/testkit/host.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace belfry::conformance {

/// How long the kit waits for a completion.
constexpr std::chrono::milliseconds kPatience{60'000};

/// A completion that is to come. What breaks the rules of abi.h is added to the host's violations.
/// Unlike testkit::Pending it hands its value over, so that thousands of calls cost no memory.
template <class Value = sdk::Nothing>
class Call {
public:
    Call(const testkit::Instance& instance, const std::string& name)
        : state_(std::make_shared<State>(instance, name)) {
        instance.seat().ledger().add(state_);
    }

    [[nodiscard]] bf_done done() const { return state_->done(); }
    [[nodiscard]] bool ready() const { return state_->ready(); }
    /// Once. Throws testkit::Failed when the completion does not come in time.
    testkit::Outcome<Value> wait(std::chrono::milliseconds limit = kPatience) const {
        state_->wait(limit);
        state_->check();
        return {state_->status(), state_->message(), state_->retry_after(),
                std::move(state_->value)};
    }

private:
    struct State : testkit::Owed {
        State(const testkit::Instance& instance, const std::string& name)
            : Owed(instance.host().violation_list(), instance.seat().stopped(),
                   instance.name() + "." + name),
              host(instance.host()) {}

        void keep(const void* given) override {
            has_value = true;
            if constexpr (!std::is_same_v<Value, sdk::Nothing>) {
                const auto& wire = *static_cast<const typename WireOf<Value>::Type*>(given);
                if (auto fault = WireOf<Value>::fault(wire); !fault.empty()) {
                    violate(fault);
                }
                value = testkit::Copy<Value>::of(given);
            }
        }
        void check() const {
            const bool is_ok = status() == sdk::Status::ok;
            if (static_cast<std::uint32_t>(status()) > BF_CLOSED) {
                violate("status " + std::to_string(static_cast<std::uint32_t>(status())));
            }
            if (!std::is_same_v<Value, sdk::Nothing> && is_ok != has_value) {
                violate(is_ok ? "ok without a value" : "a failure with a value");
            }
            if (!is_ok && message().empty()) {
                violate("a failure without a message");
            }
        }
        void violate(const std::string& fault) const {
            host.violation_list().add(what() + ": " + fault);
        }

        testkit::Host& host;
        Value value{};
        bool has_value = false;
    };
    std::shared_ptr<State> state_;
};

}  // namespace belfry::conformance
