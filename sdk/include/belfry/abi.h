/* The wire between the Belfry daemon and its plugins: C11, nothing of either side's runtime.
 *
 * Plugin authors normally never read this file; they derive from the classes in
 * <belfry/plugin.hpp>. sdk/README.md says what every call promises: thread, ownership, order,
 * errors, completion.
 *
 * Rules that hold everywhere:
 *  - Integers have fixed widths; time is int64 nanoseconds since the Unix epoch, durations are
 * int64 nanoseconds. Text is UTF-8 by pointer and length and never NUL-terminated by contract.
 *  - Every struct that may grow starts with `size`, filled in by whoever made it. Members are only
 * ever appended. A reader asks BF_HAS() before it touches a member that version 1.0 did not have.
 *    An array of such structs is stepped through by the size of its first element: BF_AT().
 *  - Unknown bits and codes are tolerated.
 *  - What is passed to a call is borrowed until the call returns. What must live longer is copied
 * or is a bf_buf, which is immutable and reference-counted.
 *  - A call that takes a bf_done completes it exactly once, on any thread, before or after
 * returning, and never after `stop` has completed.
 *  - No exception crosses the boundary.
 */
#ifndef BELFRY_ABI_H
#define BELFRY_ABI_H

#include "abi/app.h"       /* IWYU pragma: export */
#include "abi/broker.h"    /* IWYU pragma: export */
#include "abi/core.h"      /* IWYU pragma: export */
#include "abi/host.h"      /* IWYU pragma: export */
#include "abi/plugin.h"    /* IWYU pragma: export */
#include "abi/push.h"      /* IWYU pragma: export */
#include "abi/storage.h"   /* IWYU pragma: export */
#include "abi/transport.h" /* IWYU pragma: export */

#endif
