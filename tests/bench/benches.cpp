#include "tests/bench/benches.hpp"

#include <array>

namespace belfry::bench {

std::span<const Bench> all_benches() {
    static constexpr std::array kBenches{
        Bench{"fanout", "one topic to 1,000 sessions, beside the least that it can cost",
              run_fanout},
        Bench{"unicast", "durable notifications to connected mailboxes", run_unicast},
        Bench{"idle", "memory of sessions that do nothing", run_idle},
        Bench{"cluster", "three nodes on one PostgreSQL: published at one, received at another",
              run_cluster},
        Bench{"storage", "durable commits and reads, beside what the database itself can do",
              run_storage},
        Bench{"storage_growth", "commits into tables of 10^4 to 10^7 entries (half an hour)",
              run_storage_growth, true},
    };
    return kBenches;
}

}  // namespace belfry::bench
