/// What a bench measures, and how it is told.
#pragma once

#include "daemon/base/error.hpp"

#include <iosfwd>
#include <span>
#include <string>
#include <vector>

namespace belfry::bench {

/// What a figure is held against.
struct Reference {
    std::string name;  ///< "aim", or the name of what was measured beside it; empty = nothing
    double value = 0;
};

struct Figure {
    std::string bench;
    std::string name;
    double value = 0;
    std::string unit;
    Reference reference;
    std::string conditions;
};

using Figures = std::vector<Figure>;

/// Aligned columns for people.
void print_table(std::ostream& out, std::span<const Figure> figures);
/// An array of {bench, figure, value, unit, reference, reference_value, ratio, conditions}; the
/// three of the reference are null where there is none.
std::string to_json(std::span<const Figure> figures);
Result<> write_json(const std::string& file, std::span<const Figure> figures);

}  // namespace belfry::bench
