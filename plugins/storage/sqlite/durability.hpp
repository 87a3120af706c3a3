/// Whether a commit survives loss of power here.
#pragma once

#include "plugins/storage/sqlite/options.hpp"

#include <belfry/host.hpp>

#include <string>

namespace belfry::sqlite {

struct Durability {
    bool is_durable = true;
    std::string text;  ///< for people
};

/// By the settings and the file system of the file, which is there.
Durability durability_of(const Options& options);

/// Warns where commits are not durable. Throws sdk::Failure (refused) where they must be.
void require_durability(const Options& options, const sdk::Env& env);

}  // namespace belfry::sqlite
