/// Operations for app plugins: what HostServices::call and ::transaction do.
#pragma once

#include "daemon/mailbox/ingest.hpp"
#include "daemon/ops/operations.hpp"
#include "daemon/plugin/services.hpp"

#include <string>
#include <vector>

namespace belfry::ops {

/// Any thread. On failure the error's message is a problem document (RFC 9457). A call without a
/// principal is made by the instance itself: a service with the role admin.
class AppDoor {
public:
    /// All outlive this. Reads complete on `core`.
    AppDoor(const Operations& operations, Ingest& ingest, Executor& core)
        : operations_(operations), ingest_(ingest), core_(core) {}

    /// -> the operation's JSON.
    void call(const std::string& instance, const OperationCall& call, Callback<std::string> done);
    /// -> a JSON array of the outputs, in order. `refused` names the operation that cannot be part.
    void transaction(const std::string& instance, const std::vector<OperationCall>& calls,
                     Callback<std::string> done);

private:
    [[nodiscard]] Result<Part> prepare(const std::string& instance, const OperationCall& call);

    const Operations& operations_;
    Ingest& ingest_;
    Executor& core_;
};

}  // namespace belfry::ops
