/// Where work runs.
#pragma once

#include "daemon/base/time.hpp"

#include <functional>

namespace belfry {

using Task = std::move_only_function<void()>;

/// Runs tasks one at a time, in the order posted. `post` and `after` may be called on any thread.
/// Tasks that were not run when the executor ends are destroyed unrun.
class Executor {
public:
    Executor() = default;
    Executor(const Executor&) = delete;
    Executor& operator=(const Executor&) = delete;
    virtual ~Executor() = default;

    virtual void post(Task task) = 0;
    /// No sooner than `delay` from now.
    virtual void after(Nanos delay, Task task) = 0;
};

}  // namespace belfry
