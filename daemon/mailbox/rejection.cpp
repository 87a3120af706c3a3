#include "daemon/mailbox/rejection.hpp"

namespace belfry {

std::string_view name_of(Rejection why) {
    switch (why) {
        case Rejection::undecodable: return "undecodable";
        case Rejection::oversize: return "oversize";
        case Rejection::unknown_type: return "unknown type";
        case Rejection::refused: return "refused";
    }
    return "undecodable";
}

std::string to_reason(const Rejected& rejected) {
    return std::string(name_of(rejected.why)) + ": " + rejected.detail;
}

}  // namespace belfry
