#include "daemon/plugin/abi_values.hpp"

namespace belfry::plugin {

Code to_code(std::uint32_t status) {
    switch (status) {
        case BF_DUPLICATE: return Code::duplicate;
        case BF_CONFLICT: return Code::conflict;
        case BF_NOT_FOUND: return Code::not_found;
        case BF_INVALID: return Code::invalid;
        case BF_REFUSED: return Code::refused;
        case BF_UNAVAILABLE: return Code::unavailable;
        case BF_GONE: return Code::gone;
        case BF_CLOSED: return Code::closed;
        default: return Code::retry;
    }
}

std::uint32_t to_status(Code code) {
    switch (code) {
        case Code::duplicate: return BF_DUPLICATE;
        case Code::conflict: return BF_CONFLICT;
        case Code::not_found: return BF_NOT_FOUND;
        case Code::invalid:
        case Code::too_large: return BF_INVALID;
        case Code::refused:
        case Code::unauthenticated: return BF_REFUSED;
        case Code::retry:
        case Code::limited: return BF_RETRY;
        case Code::unavailable: return BF_UNAVAILABLE;
        case Code::gone: return BF_GONE;
        case Code::closed: return BF_CLOSED;
    }
    return BF_RETRY;
}

}  // namespace belfry::plugin
