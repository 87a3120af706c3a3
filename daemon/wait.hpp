/// Asynchronous steps, awaited.
#pragma once

#include "daemon/base/error.hpp"
#include "daemon/base/time.hpp"

#include <chrono>
#include <future>
#include <memory>
#include <utility>

namespace belfry {

/// Calls `begin(done)` and waits on the calling thread until `done(Result<>)` was called, for
/// `limit` at most.
template <class Begin>
Result<> wait_for(Begin begin, Nanos limit) {
    auto promise = std::make_shared<std::promise<Result<>>>();
    auto future = promise->get_future();
    begin([promise](Result<> result) { promise->set_value(std::move(result)); });
    if (future.wait_for(std::chrono::nanoseconds(limit)) != std::future_status::ready) {
        return fail(Code::unavailable, "it took too long");
    }
    return future.get();
}

}  // namespace belfry
