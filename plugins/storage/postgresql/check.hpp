/// What an operation must be like before anything is done with it.
#pragma once

#include <belfry/storage.hpp>

#include <string>
#include <string_view>

namespace belfry::postgresql {

/// What is wrong with an operation; ok where nothing is.
struct Fault {
    sdk::Status status = sdk::Status::ok;
    std::string message = {};

    [[nodiscard]] bool ok() const { return status == sdk::Status::ok; }
};

/// A name: not empty, at most 1 KiB, UTF-8 without NUL. `what` is for the message.
Fault check_name(std::string_view name, std::string_view what);

/// Pure. Any thread.
Fault check_op(const bf_op& op);

/// The operation as its own struct; `kind` has been looked at.
template <class Op>
const Op& op_as(const bf_op& op) {
    return *reinterpret_cast<const Op*>(&op);
}

}  // namespace belfry::postgresql
