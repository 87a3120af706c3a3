/// Every place where text is stored.
#pragma once

#include "sdk/testkit/conformance/store.hpp"

#include <functional>
#include <string>
#include <vector>

namespace belfry::conformance {

struct Place {
    std::string name;
    /// A group that stores the text there, in an empty storage.
    std::function<Group(const std::string&)> write;
    /// What is there afterwards; empty where nothing is.
    std::function<std::string(Store&, const std::string&)> read;
};

/// Names of up to this many bytes are taken by every storage.
constexpr std::size_t kLongestName = 512;

const std::vector<Place>& places();
void PrintTo(const Place& place, std::ostream* out);

}  // namespace belfry::conformance
