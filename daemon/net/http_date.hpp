/// The Date header's form.
#pragma once

#include "daemon/base/time.hpp"

#include <string>

namespace belfry::net {

/// IMF-fixdate (RFC 9110 5.6.7); the last result of each thread is kept for its second.
const std::string& http_date(Nanos time);

}  // namespace belfry::net
