#include "daemon/ops/mailbox_target.hpp"

#include "daemon/mailbox/names.hpp"

#include <boost/json/object.hpp>

namespace belfry::ops {

Result<Target> find_target(const Call& call) {
    const boost::json::value* named = call.input.get_object().if_contains("user");
    const std::string user(named == nullptr ? std::string_view(call.principal.id)
                                            : std::string_view(named->get_string()));
    if (user != call.principal.id && !call.principal.is_admin()) {
        return fail(Code::refused, "the mailbox is another's");
    }
    if (user.empty()) {
        return fail(Code::invalid, "user: expected whose mailbox, since the caller has none",
                    "/user");
    }
    std::string stream = user_stream(user);
    if (auto checked = check_stream(stream); !checked) {
        return fail(Code::invalid, "user: " + checked.error().message, "/user");
    }
    return Target{user, std::move(stream)};
}

}  // namespace belfry::ops
