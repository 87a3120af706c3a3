/// What is stored while the power may go, and what must be there afterwards.
#pragma once

#include "tests/unit/storage_sqlite/store.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace belfry::power_loss {

/// Groups with numbers, each of appends to several streams and a document; equal seeds give equal
/// groups. Remembers the results of those that were acknowledged.
class Workload {
public:
    explicit Workload(std::uint64_t seed) : seed_(seed) {}

    /// Commits groups up to this number, some of them several in one call; `acknowledged` hears of
    /// each that was stored. Ends at the first that is not.
    void run(storage_test::Store& store, std::uint64_t groups,
             const std::function<void(std::uint64_t)>& acknowledged);

    /// What is wrong in the store, where at least the groups in `acknowledged` must be there;
    /// empty = nothing.
    std::string check(storage_test::Store& store, const std::vector<std::uint64_t>& acknowledged);

private:
    struct Plan {
        std::vector<std::string> streams;
        std::string event_id;  ///< empty = none
        std::string data;
    };
    [[nodiscard]] Plan plan(std::uint64_t number) const;
    [[nodiscard]] storage_test::Group group(std::uint64_t number) const;
    std::string check_group(std::uint64_t number, const std::map<std::string, std::string>& found,
                            bool must_be_there) const;

    const std::uint64_t seed_;
    std::map<std::uint64_t, sdk::OpResult> results_;
};

}  // namespace belfry::power_loss
