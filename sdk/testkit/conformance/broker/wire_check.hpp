/// What every value of a broker owes to the rules of abi.h, whatever was asked.
#pragma once

#include "sdk/testkit/conformance/wire_of.hpp"

#include <belfry/broker.hpp>
#include <belfry/testkit/values.hpp>

#include <string>
#include <vector>

namespace belfry::conformance {
namespace broker {

/// What is wrong with a value on the wire: a size that is too small, a pointer that is missing.
/// Empty where all is well.
std::string fault_of(const bf_message& value);
std::string fault_of(const bf_message* messages, std::uint64_t count);

}  // namespace broker

template <>
struct WireOf<sdk::SourceStats> {
    using Type = bf_source_stats;
    static std::string fault(const Type& value);
};
template <>
struct WireOf<std::vector<testkit::Message>> {
    using Type = bf_dead_letters;
    static std::string fault(const Type& value);
};
template <>
struct WireOf<sdk::Replayed> {
    using Type = bf_replayed;
    static std::string fault(const Type& value);
};

}  // namespace belfry::conformance
