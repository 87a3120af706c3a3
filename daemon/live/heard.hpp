/// What another node committed, as far as the bus told it.
#pragma once

#include "daemon/mailbox/committed.hpp"

#include <memory>
#include <vector>

namespace belfry::live {

struct Heard {
    std::vector<Place> places;
    std::vector<Head> heads;  ///< of streams whose new entries did not come along
};

using HeardPtr = std::shared_ptr<const Heard>;

}  // namespace belfry::live
