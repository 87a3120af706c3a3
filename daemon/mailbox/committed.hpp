/// What a commit added to streams, for those who follow them.
#pragma once

#include "daemon/plugin/values.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace belfry {

/// One new entry. The entries of a stream come in the order of their seq.
struct Place {
    std::string stream;
    std::uint64_t epoch = 0;
    Entry entry;
};

using CommittedBatch = std::shared_ptr<const std::vector<Place>>;

/// Hears of every batch committed on this node, in order, on the core's executor.
using CommitListener = std::function<void(const CommittedBatch&)>;

}  // namespace belfry
