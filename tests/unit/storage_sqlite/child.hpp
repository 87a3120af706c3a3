/// Processes of a test's own.
#pragma once

#include <sys/types.h>

#include <functional>

namespace belfry::storage_test {

/// Runs `body` in a process of its own, for a minute at most -> its id.
pid_t spawn(const std::function<int()>& body);

/// Waits for its end -> what body() gave, 99 for an exception, or minus the signal that killed it.
int exit_code(pid_t child);

}  // namespace belfry::storage_test
