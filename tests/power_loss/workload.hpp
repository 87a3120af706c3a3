/// Commits of all kinds, and what a storage must hold after so many of them.
#pragma once

#include "sdk/testkit/conformance/group.hpp"
#include "sdk/testkit/conformance/model.hpp"
#include "sdk/testkit/conformance/store.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace belfry::power_loss {

/// A storage of small limits, so that little work reaches all of what it does with much.
constexpr std::string_view kSmall =
    R"(,"wal_autocheckpoint":100,"write_through":5,"journal_entries":120,"recent_events":64)";

/// Groups in calls of different sizes; every group adds one entry to the stream "log".
class Workload {
public:
    explicit Workload(std::uint64_t groups);

    [[nodiscard]] std::uint64_t size() const { return groups_.size(); }
    /// From 1 on.
    [[nodiscard]] const conformance::Group& group(std::uint64_t number) const {
        return groups_.at(number - 1);
    }
    /// The event of a group once more, by itself.
    [[nodiscard]] static conformance::Group repetition(std::uint64_t number);

    /// Commits all, several calls at a time; says which group was answered, as soon as it is. Ends
    /// at the first call that fails.
    void run(conformance::Store& store, const std::function<void(std::uint64_t)>& answered) const;

private:
    std::vector<conformance::Group> groups_;
};

/// How many groups of the workload the storage holds.
std::uint64_t count_groups(conformance::Store& store);

/// What is wrong with a storage that should hold the first groups; empty where nothing is.
std::string find_fault(conformance::Store& store, const Workload& workload, std::uint64_t groups);

}  // namespace belfry::power_loss
