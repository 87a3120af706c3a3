#include "sdk/testkit/conformance/broker/wire_check.hpp"

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <span>

namespace belfry::conformance {
namespace broker {
namespace {

template <class Text>
bool is_there(const Text& text) {
    return text.ptr != nullptr || text.len == 0;
}

}  // namespace

std::string fault_of(const bf_message& value) {
    if (value.size < sizeof value) {
        return "a message that is too small";
    }
    const auto texts = {value.destination, value.exchange,     value.key,
                        value.id,          value.content_type, value.coordinates};
    const bool are_texts_there =
        std::all_of(texts.begin(), texts.end(), [](bf_str text) { return is_there(text); });
    if (!are_texts_there || !is_there(value.body)) {
        return "a text of a message that is not there";
    }
    if (value.headers == nullptr && value.header_count != 0) {
        return "headers that are not there";
    }
    const std::span headers(value.headers, value.header_count);
    const bool are_headers_there = std::all_of(
        headers.begin(), headers.end(),
        [](const bf_pair& header) { return is_there(header.name) && is_there(header.value); });
    return are_headers_there ? "" : "a header that is not there";
}

std::string fault_of(const bf_message* messages, std::uint64_t count) {
    if (messages == nullptr && count != 0) {
        return "messages that are not there";
    }
    for (const bf_message message : sdk::Array<bf_message>(messages, count)) {
        if (auto fault = fault_of(message); !fault.empty()) {
            return fault;
        }
    }
    return {};
}

}  // namespace broker

std::string WireOf<sdk::SourceStats>::fault(const Type& value) {
    return value.size < sizeof value ? "statistics that are too small" : "";
}

std::string WireOf<std::vector<testkit::Message>>::fault(const Type& value) {
    return value.size < sizeof value ? "dead letters that are too small"
                                     : broker::fault_of(value.messages, value.count);
}

std::string WireOf<sdk::Replayed>::fault(const Type& value) {
    return value.size < sizeof value ? "a number of messages that is too small" : "";
}

}  // namespace belfry::conformance
