/// Headers of broker messages, whose names differ in case from one producer to the next.
#pragma once

#include "daemon/plugin/broker.hpp"

#include <string>
#include <string_view>

namespace belfry {

/// The first header of this name, whatever its case; nullptr where there is none.
const std::string* find_header(const Message& message, std::string_view name);
/// Of the body: what the broker says, else the header "content-type"; empty where neither does.
std::string content_type_of(const Message& message);

}  // namespace belfry
