/// Programs that a bench starts.
#pragma once

#include "daemon/base/error.hpp"
#include "daemon/base/time.hpp"

#include <sys/types.h>

#include <string>
#include <vector>

namespace belfry::bench {

/// Runs until it is stopped; does not outlive this object, nor this process.
class Child {
public:
    /// `log`: a file that takes what the program says; empty = where this program says it.
    static Result<Child> start(const std::vector<std::string>& arguments, int core,
                               const std::string& log);
    Child(Child&& other) noexcept;
    Child& operator=(Child&& other) noexcept;
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    /// Kills it if it runs.
    ~Child();

    [[nodiscard]] pid_t pid() const { return pid_; }
    [[nodiscard]] bool is_running();
    /// How it ended; empty while it runs.
    [[nodiscard]] std::string ending();
    /// SIGTERM, and the end of it within `limit`.
    Result<> stop(Nanos limit);
    /// Memory of user space that is in RAM.
    [[nodiscard]] Result<std::size_t> resident_bytes() const;

private:
    Child(pid_t pid, std::string name) : pid_(pid), name_(std::move(name)) {}

    pid_t pid_ = -1;
    int status_ = 0;  ///< once it has ended
    std::string name_;
};

}  // namespace belfry::bench
