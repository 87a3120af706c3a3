#include "daemon/base/error.hpp"

namespace belfry {

std::string_view name_of(Code code) {
    switch (code) {
        case Code::duplicate: return "duplicate";
        case Code::conflict: return "conflict";
        case Code::not_found: return "not_found";
        case Code::invalid: return "invalid";
        case Code::refused: return "refused";
        case Code::retry: return "retry";
        case Code::unavailable: return "unavailable";
        case Code::gone: return "gone";
        case Code::closed: return "closed";
        case Code::unauthenticated: return "unauthenticated";
        case Code::limited: return "limited";
        case Code::too_large: return "too_large";
    }
    return "unknown";
}

}  // namespace belfry
