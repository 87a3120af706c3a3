#include "daemon/mailbox/names.hpp"

#include "daemon/base/utf8.hpp"

#include <algorithm>

namespace belfry {
namespace {

constexpr std::size_t kLongest = 200;

bool is_allowed(char byte) {
    const auto value = static_cast<unsigned char>(byte);
    return value > 0x20 && value != 0x7f && byte != '"' && byte != '\\';
}

}  // namespace

std::string user_stream(std::string_view user) { return std::string(kUserPrefix).append(user); }

std::string topic_stream(std::string_view topic) { return std::string(kTopicPrefix).append(topic); }

Result<> check_stream(std::string_view stream) {
    const auto colon = stream.find(':');
    const std::string_view prefix =
        stream.substr(0, colon == std::string_view::npos ? 0 : colon + 1);
    if (prefix != kUserPrefix && prefix != kTopicPrefix) {
        return fail(Code::invalid, "expected a stream \"user:ID\" or \"topic:NAME\"");
    }
    const std::string_view name = stream.substr(prefix.size());
    if (name.empty() || name.size() > kLongest) {
        return fail(Code::invalid, "expected a name of 1 to " + std::to_string(kLongest) +
                                       " bytes behind \"" + std::string(prefix) + "\", found " +
                                       std::to_string(name.size()));
    }
    if (!std::ranges::all_of(name, is_allowed) || !is_utf8(name)) {
        return fail(Code::invalid,
                    "a stream name has no spaces, quotes, backslashes or control "
                    "characters, and is UTF-8");
    }
    return {};
}

}  // namespace belfry
