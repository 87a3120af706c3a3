/// The structs on the wire behind the values of the C++ face.
#pragma once

#include <string>

namespace belfry::conformance {

/// For each value: `Type`, the struct behind `void*`, and `fault(const Type&)`, what is wrong with
/// it; empty where all is well.
template <class Value>
struct WireOf;

}  // namespace belfry::conformance
