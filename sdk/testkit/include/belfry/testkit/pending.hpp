/// Completions a test can wait for.
#pragma once

#include "belfry/testkit/ledger.hpp"
#include "belfry/testkit/values.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace belfry::testkit {

/// How long a test waits for what must happen.
constexpr std::chrono::milliseconds kPatience{20'000};

/// How a call went. `value` is empty unless the plugin gave one.
template <class Value = sdk::Nothing>
struct Outcome {
    sdk::Status status = sdk::Status::ok;
    std::string message;
    std::int64_t retry_after = 0;
    Value value;

    [[nodiscard]] bool ok() const { return status == sdk::Status::ok; }
};

/// One completion; cheap to copy.
template <class Value = sdk::Nothing>
class Pending {
public:
    Pending(Violations& violations, Ledger& ledger,
            std::shared_ptr<const std::atomic<bool>> stopped, std::string what)
        : state_(std::make_shared<State>(violations, std::move(stopped), std::move(what))) {
        ledger.add(state_);
    }

    [[nodiscard]] bf_done done() const { return state_->done(); }
    [[nodiscard]] bool ready() const { return state_->ready(); }
    /// Throws Failed when the completion does not come in time.
    Outcome<Value> wait(std::chrono::milliseconds limit = kPatience) const {
        state_->wait(limit);
        return {state_->status(), state_->message(), state_->retry_after(), state_->value};
    }

private:
    struct State : Owed {
        using Owed::Owed;
        void keep(const void* given) override { value = Copy<Value>::of(given); }
        Value value{};
    };
    std::shared_ptr<State> state_;
};

}  // namespace belfry::testkit
