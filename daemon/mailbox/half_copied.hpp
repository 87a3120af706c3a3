/// The mark of a storage that `belfry migrate` has not finished writing.
#pragma once

#include "daemon/plugin/storage.hpp"

#include <string_view>

namespace belfry {

/// The document that migrate keeps in its target until all is there and verified.
constexpr std::string_view kMigrationCollection = "belfry.migration";
constexpr std::string_view kMigrationDocument = "position";

/// `refused` where a migration into this storage has begun and not ended.
void refuse_half_copied(Storage& storage, Executor& home, Callback<> done);

}  // namespace belfry
