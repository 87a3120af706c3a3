/// What can be measured. A new bench is a line in benches.cpp.
#pragma once

#include "tests/bench/figure.hpp"
#include "tests/bench/machine.hpp"

#include <span>
#include <string_view>

namespace belfry::bench {

struct Bench {
    std::string_view name;
    std::string_view summary;
    Result<Figures> (*run)(const Machine& machine);
    bool is_long = false;  ///< only where it is named
};

/// In the order in which they run.
std::span<const Bench> all_benches();

Result<Figures> run_fanout(const Machine& machine);
Result<Figures> run_unicast(const Machine& machine);
Result<Figures> run_idle(const Machine& machine);
Result<Figures> run_cluster(const Machine& machine);
Result<Figures> run_storage(const Machine& machine);
Result<Figures> run_storage_growth(const Machine& machine);

}  // namespace belfry::bench
