#include "daemon/mailbox/sources.hpp"

#include <algorithm>

namespace belfry {

const Source* Sources::find(std::string_view name) const {
    const auto found =
        std::ranges::find_if(sources_, [&](const auto& source) { return source->name() == name; });
    return found == sources_.end() ? nullptr : found->get();
}

}  // namespace belfry
