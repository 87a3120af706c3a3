#include "daemon/ops/app_door.hpp"

#include "daemon/identity/strict_json.hpp"

#include <utility>

namespace belfry::ops {
namespace {

/// A failure as app plugins get it.
Error to_problem(const Error& error) {
    return {error.code, net::problem(error).body, error.pointer, error.retry_after};
}

Result<Principal> caller(const std::string& instance, const OperationCall& call) {
    if (call.principal.empty()) {
        return Principal{PrincipalKind::service, instance, {std::string(kRoleAdmin)}};
    }
    return parse_principal(call.principal);
}

/// An operation without input takes an empty text, too.
Result<boost::json::value> parse_input(const OperationCall& call) {
    if (call.input.empty()) {
        return boost::json::object{};
    }
    return parse_strict_json(call.input);
}

Result<const Registered*> look_up(const Operations& operations, const OperationCall& call) {
    const Registered* found = operations.find(call.operation);
    if (found == nullptr) {
        return fail(Code::not_found, "no operation " + call.operation);
    }
    return found;
}

/// Prints what a group's parts became.
std::string print_all(const std::vector<Part>& parts, const std::vector<OpResult>& results) {
    std::string out = "[";
    for (std::size_t i = 0; i < parts.size(); ++i) {
        out += (i == 0 ? "" : ",") + parts[i].print(results[i]);
    }
    return out + "]";
}

}  // namespace

void AppDoor::call(const std::string& instance, const OperationCall& call,
                   Callback<std::string> done) {
    const auto registered = look_up(operations_, call);
    const auto principal = caller(instance, call);
    const auto input = parse_input(call);
    for (const Error* error :
         {registered ? nullptr : &registered.error(), principal ? nullptr : &principal.error(),
          input ? nullptr : &input.error()}) {
        if (error != nullptr) {
            done(std::unexpected(to_problem(*error)));
            return;
        }
    }
    Operations::run(**registered, {*principal, *input, call.input, core_},
                    [done = std::move(done)](Result<Reply> reply) mutable {
                        done(reply ? Result<std::string>(std::move(reply->json))
                                   : std::unexpected(to_problem(reply.error())));
                    });
}

Result<Part> AppDoor::prepare(const std::string& instance, const OperationCall& call) {
    const auto registered = look_up(operations_, call);
    if (!registered) {
        return std::unexpected(registered.error());
    }
    if (!(*registered)->operation.prepare) {
        return fail(Code::refused, call.operation + " cannot be part of a transaction");
    }
    const auto principal = caller(instance, call);
    if (!principal) {
        return std::unexpected(principal.error());
    }
    if (auto may = Operations::check_access(**registered, *principal); !may) {
        return std::unexpected(may.error());
    }
    const auto input = parse_input(call);
    if (!input) {
        return std::unexpected(input.error());
    }
    if (auto checked = (*registered)->schema.check(*input); !checked) {
        return std::unexpected(checked.error());
    }
    return (*registered)->operation.prepare({*principal, *input, call.input, core_});
}

void AppDoor::transaction(const std::string& instance, const std::vector<OperationCall>& calls,
                          Callback<std::string> done) {
    std::vector<Part> parts;
    Group group;
    for (const OperationCall& call : calls) {
        auto part = prepare(instance, call);
        if (!part) {
            done(std::unexpected(to_problem(part.error())));
            return;
        }
        group.push_back(std::move(part->op));
        parts.push_back(std::move(*part));
    }
    if (group.empty()) {
        done(std::string("[]"));
        return;
    }
    ingest_.submit(std::move(group), [parts = std::move(parts), done = std::move(done)](
                                         Result<std::vector<OpResult>> results) mutable {
        done(results ? Result<std::string>(print_all(parts, *results))
                     : std::unexpected(to_problem(results.error())));
    });
}

}  // namespace belfry::ops
