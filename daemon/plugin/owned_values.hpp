/// The ABI's structs as the core's values, and back. What is made for the ABI borrows from the
/// value.
#pragma once

#include "daemon/plugin/values.hpp"

#include <belfry/abi.h>

namespace belfry::plugin {

bf_notification to_abi(const Notification& from);
bf_document to_abi(const Document& from);
bf_cursor to_abi(const Cursor& from);
bf_job to_abi(const Job& from);
bf_key to_abi(const Key& from);

Notification to_owned(const bf_notification& from);
Head to_owned(const bf_head& from);
Document to_owned(const bf_document& from);
Cursor to_owned(const bf_cursor& from);
Job to_owned(const bf_job& from);

}  // namespace belfry::plugin
