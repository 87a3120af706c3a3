/// A place in the order of dump.
#pragma once

#include <belfry/records.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace belfry::postgresql {

/// Behind which record to go on: of what kind, and its names and number, as far as it has them.
struct DumpPlace {
    std::uint32_t kind = BF_RECORD_BODY;
    std::uint64_t number = 0;
    std::string first;
    std::string second;
};

DumpPlace place_of(const sdk::Record& record);

/// Printable.
std::string print(const DumpPlace& place);

/// "" is the start. Throws sdk::Failure (invalid) for what print has not given.
DumpPlace parse_place(std::string_view text);

}  // namespace belfry::postgresql
