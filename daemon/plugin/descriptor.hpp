/// Is what a plugin shows of itself acceptable?
#pragma once

#include "daemon/base/error.hpp"
#include "daemon/config/schema.hpp"
#include "daemon/plugin/status.hpp"

#include <belfry/abi.h>

#include <optional>
#include <string_view>

namespace belfry::plugin {

/// A checked descriptor.
struct Description {
    About about;
    config::Schema schema;
    bf_lifecycle lifecycle{};     ///< complete
    const void* table = nullptr;  ///< of about.kind; every function that is required is there
    std::optional<config::Schema> source_schema;  ///< of a broker that has one
};

/// Checks versions first, then everything else. `expected_name`: empty = any. `reason`: what the
/// entry function told bf_host.fail. The error is a reason without the file's name.
Result<Description> check_descriptor(const bf_plugin* plugin, std::string_view expected_name,
                                     std::string_view reason);

/// Are the functions there without which a plugin of this kind cannot be one?
Result<void> check_table(Kind kind, const void* table);

}  // namespace belfry::plugin
