/// From what a producer sent to what the mailbox takes, and back to what it is told.
#pragma once

#include "daemon/mailbox/mailbox.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace belfry::ops {

/// JSON Schema of one notification to publish.
extern const std::string_view kPublishInput;
/// JSON Schema of what its producer is told.
extern const std::string_view kPublishOutput;

/// `input` has passed kPublishInput; `text` is what it was parsed from, or empty where no "data" is
/// in it. Recipients that are there twice are kept once.
Result<Draft> to_draft(const boost::json::object& input, std::string_view text);

/// Appends {"id","duplicate","places":[{"stream","token","seq"}]} without the closing brace.
void append_published(std::string& out, const Published& published,
                      const std::vector<std::string>& streams);

}  // namespace belfry::ops
