/// What belfryd says by ending, as in sysexits.h.
#pragma once

namespace belfry {

inline constexpr int kExitUnavailable = 69;  ///< something needed is not there
inline constexpr int kExitConfig = 78;

}  // namespace belfry
