/// Asynchronous steps, awaited.
#pragma once

#include "daemon/base/error.hpp"
#include "daemon/base/time.hpp"

#include <chrono>
#include <future>
#include <memory>
#include <utility>

namespace belfry {

/// The result of a step that was begun and runs elsewhere.
template <class Value = void>
class Awaited {
public:
    /// Calls `begin(done)`; the step ends with one call of `done(Result<Value>)`, on any thread.
    template <class Begin>
    explicit Awaited(Begin begin) {
        auto promise = std::make_shared<std::promise<Result<Value>>>();
        future_ = promise->get_future();
        begin([promise](Result<Value> result) { promise->set_value(std::move(result)); });
    }
    /// Once. `unavailable` where it takes longer than `limit`.
    Result<Value> get(Nanos limit) {
        if (future_.wait_for(std::chrono::nanoseconds(limit)) != std::future_status::ready) {
            return fail(Code::unavailable, "it took too long");
        }
        return future_.get();
    }

private:
    std::future<Result<Value>> future_;
};

/// Begins a step and waits for it on the calling thread.
template <class Value = void, class Begin>
Result<Value> wait_for(Begin begin, Nanos limit) {
    return Awaited<Value>(std::move(begin)).get(limit);
}

}  // namespace belfry
