/// What a disk may hold after its power was lost.
#pragma once

#include "tests/power_loss/disk.hpp"

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace belfry::power_loss {

/// The files below the folder, as far as they are certain and as far as they are not. What was
/// synced is certain; of what was written since, each sector for itself may be there or not,
/// whatever its order. A file's name is certain once it, or another new file of the folder, was
/// synced.
class Medium {
public:
    /// `loses_syncs`: a sync makes nothing certain, as with synchronous=OFF.
    explicit Medium(bool loses_syncs) : loses_syncs_(loses_syncs) {}

    void apply(const Event& event);
    /// Writes one of the possible states into an empty folder.
    void write_image(const std::string& folder, std::uint64_t seed) const;

private:
    struct Content {
        std::string certain;
        std::vector<Event> pending;
        bool has_certain_name = false;
        bool is_removed = false;
    };

    static std::string one_of(const Content& content, std::mt19937_64& random);

    const bool loses_syncs_;
    std::map<std::string, Content> files_;
};

}  // namespace belfry::power_loss
