#include "plugins/storage/postgresql/trouble.hpp"

#include <algorithm>
#include <array>

namespace belfry::postgresql {

namespace {

struct Class {
    std::string_view prefix;
    Cause cause;
};

// The first that fits. https://www.postgresql.org/docs/15/errcodes-appendix.html
constexpr std::array kClasses{
    Class{"08", Cause::connection},     // connection exception
    Class{"22", Cause::content},        // data exception
    Class{"23505", Cause::contention},  // unique violation: another node was faster
    Class{"23", Cause::content},        // integrity constraint violation
    Class{"25006", Cause::connection},  // read-only: this server is not the primary any more
    Class{"25P03", Cause::connection},  // idle in a transaction for too long
    Class{"40001", Cause::contention},  // serialization failure
    Class{"40P01", Cause::contention},  // deadlock
    Class{"40003", Cause::connection},  // statement completion unknown
    Class{"53", Cause::full},           // insufficient resources
    Class{"54000", Cause::content},     // program limit exceeded, such as an index row's size
    Class{"55P03", Cause::busy},        // lock not available
    Class{"57014", Cause::busy},        // query cancelled, also by statement_timeout
    Class{"57P", Cause::connection},    // shutdown, crash, cannot connect now, database dropped
};

}  // namespace

Cause cause_of(const SqlError& error) {
    if (error.lost) {
        return Cause::connection;
    }
    const auto* const found = std::ranges::find_if(
        kClasses, [&](const Class& one) { return error.state.starts_with(one.prefix); });
    return found == kClasses.end() ? Cause::server : found->cause;
}

Trouble trouble_of(const std::exception& error, std::string_view place) {
    Trouble trouble{.message = std::string(place) + ": " + error.what()};
    const auto* sql = dynamic_cast<const SqlError*>(&error);
    if (sql == nullptr) {
        return trouble;
    }
    if (!sql->state.empty()) {
        trouble.message += " (SQLSTATE " + sql->state + ")";
    }
    trouble.cause = cause_of(*sql);
    switch (trouble.cause) {
        case Cause::content: trouble.status = sdk::Status::invalid; break;
        case Cause::full: trouble.retry_after = kWaitForRoom; break;
        case Cause::connection: trouble.retry_after = kWaitForServer; break;
        default: break;
    }
    return trouble;
}

}  // namespace belfry::postgresql
