/// What can be told of a shared object without running any of it.
#pragma once

#include "daemon/base/error.hpp"

#include <string>

namespace belfry::plugin {

/// Is the open file behind `descriptor` a shared object for this machine that is whole, needs no
/// executable stack and exports `symbol`? Reads with bounds checks only: no file makes it crash.
/// The error is a reason without the file's name, for example "not an ELF file".
Result<void> check_elf(int descriptor, const std::string& symbol);

}  // namespace belfry::plugin
