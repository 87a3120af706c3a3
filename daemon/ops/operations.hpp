/// The table of operations.
#pragma once

#include "daemon/base/metrics.hpp"
#include "daemon/ops/input_schema.hpp"
#include "daemon/ops/operation.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace belfry::ops {

/// An operation as the table keeps it; lives as long as the table.
struct Registered {
    Operation operation;
    InputSchema schema;
    prometheus::Counter& succeeded;
    prometheus::Counter& failed;
};

/// Filled before use, then any thread.
class Operations {
public:
    explicit Operations(Metrics& metrics) : metrics_(metrics) {}

    /// `conflict`: the name is taken; `invalid`: a schema is wrong.
    Result<> add(Operation operation);

    [[nodiscard]] const Registered* find(std::string_view name) const;
    [[nodiscard]] const auto& all() const { return all_; }

    /// `unauthenticated` or `refused` for a caller that may not.
    [[nodiscard]] static Result<> check_access(const Registered& registered,
                                               const Principal& principal);
    /// Checks caller and input, then runs the operation. The reply's status is set.
    static void run(const Registered& registered, const Call& call, Callback<Reply> done);

private:
    Metrics& metrics_;
    std::map<std::string, std::unique_ptr<const Registered>, std::less<>> all_;
};

}  // namespace belfry::ops
