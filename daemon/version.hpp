/// The version of this build.
#pragma once

namespace belfry {

inline constexpr const char* kVersion = BELFRY_VERSION;

}  // namespace belfry
