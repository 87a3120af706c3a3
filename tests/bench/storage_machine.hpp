/// What a storage runs on.
#pragma once

#include "tests/bench/machine.hpp"
#include "tests/bench/samples.hpp"

#include <sched.h>

namespace belfry::bench {

/// While it lives, what the calling thread starts may use both of the machine's cores: the threads
/// of a storage and the processes of a server are not pinned.
class BothCores {
public:
    static Result<BothCores> use(const Machine& machine);
    BothCores(BothCores&& other) noexcept;
    BothCores& operator=(BothCores&&) = delete;
    BothCores(const BothCores&) = delete;
    BothCores& operator=(const BothCores&) = delete;
    ~BothCores();

private:
    explicit BothCores(const cpu_set_t& before) : before_(before) {}

    cpu_set_t before_;
    bool is_mine_ = true;
};

/// How long the disk of /var/tmp takes for 4 KiB that are written over others and flushed.
Result<Samples> time_flushes();

}  // namespace belfry::bench
