/// Marking entries read.
#pragma once

#include "daemon/mailbox/mailbox.hpp"
#include "daemon/ops/operation.hpp"

namespace belfry::ops {

/// The handler of mailbox.read: exactly one of the input's up_to, ids and seqs says which entries.
void mark_read(Mailbox& mailbox, const Call& call, Callback<Reply> done);

}  // namespace belfry::ops
