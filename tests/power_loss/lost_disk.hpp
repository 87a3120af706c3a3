/// What a disk may hold after its power was lost.
#pragma once

#include "tests/power_loss/trace.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace belfry::power_loss {

/// Follows a trace. What was synced is there; of what was not, any part may be.
class LostDisk {
public:
    /// `forgets_syncs`: as if there had been none.
    explicit LostDisk(bool forgets_syncs) : forgets_syncs_(forgets_syncs) {}

    void apply(const Event& event);
    /// Writes the files of one of the possible states, which the seed chooses, into an empty
    /// folder.
    void write(const std::string& folder, std::uint64_t seed) const;

private:
    struct File {
        std::string synced;
        std::vector<const Event*> unsynced;
    };
    using Random = std::mt19937_64;

    [[nodiscard]] static std::string content(const File& file, Random& random);
    [[nodiscard]] std::map<std::string, int> names(Random& random) const;

    const bool forgets_syncs_;
    std::map<int, File> files_;
    std::map<std::string, int> synced_names_;
    std::vector<const Event*> unsynced_names_;  ///< create, remove
};

}  // namespace belfry::power_loss
