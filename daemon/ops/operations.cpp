#include "daemon/ops/operations.hpp"

#include <algorithm>
#include <utility>

namespace belfry::ops {

Result<> Operations::add(Operation operation) {
    if (all_.contains(operation.name)) {
        return fail(Code::conflict, "operation " + operation.name + " is there twice");
    }
    auto schema = InputSchema::parse(operation.input);
    if (!schema) {
        return fail(Code::invalid, "operation " + operation.name +
                                       ": its input schema is wrong at \"" +
                                       schema.error().pointer + "\": " + schema.error().message);
    }
    const auto counter = [&](const char* outcome) -> prometheus::Counter& {
        return metrics_.counter("belfry_operations_total", "Operations by name and outcome.",
                                {{"operation", operation.name}, {"outcome", outcome}});
    };
    auto& succeeded = counter("ok");
    auto& failed = counter("failed");
    std::string name = operation.name;
    all_.emplace(std::move(name),
                 std::make_unique<const Registered>(
                     Registered{std::move(operation), std::move(*schema), succeeded, failed}));
    return {};
}

const Registered* Operations::find(std::string_view name) const {
    const auto found = all_.find(name);
    return found == all_.end() ? nullptr : found->second.get();
}

Result<> Operations::check_access(const Registered& registered, const Principal& principal) {
    const Operation& operation = registered.operation;
    if (operation.access == Access::anonymous || principal.is_admin()) {
        return {};
    }
    if (principal.is_anonymous()) {
        return fail(Code::unauthenticated, operation.name + " needs a bearer token");
    }
    const bool may = operation.access == Access::authenticated ||
                     std::ranges::any_of(operation.roles, [&](const std::string& role) {
                         return principal.has_role(role);
                     });
    if (!may) {
        return fail(Code::refused, operation.name + " is not for this caller's roles");
    }
    return {};
}

void Operations::run(const Registered& registered, const Call& call, Callback<Reply> done) {
    auto checked = check_access(registered, call.principal);
    if (checked) {
        checked = registered.schema.check(call.input);
    }
    if (!checked) {
        registered.failed.Increment();
        done(std::unexpected(std::move(checked.error())));
        return;
    }
    registered.operation.handler(
        call, [&registered, done = std::move(done)](Result<Reply> reply) mutable {
            (reply ? registered.succeeded : registered.failed).Increment();
            if (reply && reply->status == 0) {
                reply->status = registered.operation.status;
            }
            done(std::move(reply));
        });
}

}  // namespace belfry::ops
