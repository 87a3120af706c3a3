#include "daemon/identity/strict_json.hpp"

#include <boost/json/parser.hpp>

#include <array>
#include <string>
#include <utility>

namespace belfry {
namespace {

namespace json = boost::json;

/// Members written in a valid text: colons outside strings.
std::size_t count_written(std::string_view text) {
    std::size_t count = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char byte = text[i];
        if (byte == '"') {
            in_string = !in_string;
        } else if (in_string) {
            i += byte == '\\' ? 1 : 0;
        } else {
            count += byte == ':' ? 1 : 0;
        }
    }
    return count;
}

/// Members that the parser kept: of those with the same name, one.
std::size_t count_kept(const json::value& value) {
    std::size_t count = 0;
    if (const auto* object = value.if_object()) {
        count = object->size();
        for (const auto& [name, member] : *object) {
            count += count_kept(member);
        }
    } else if (const auto* array = value.if_array()) {
        for (const auto& item : *array) {
            count += count_kept(item);
        }
    }
    return count;
}

}  // namespace

Result<json::value> parse_strict_json(std::string_view text, json::storage_ptr storage) {
    json::parse_options options;
    options.max_depth = kJsonDepth;
    std::array<unsigned char, 4096> buffer{};
    json::parser parser({}, options, buffer.data(), buffer.size());
    parser.reset(std::move(storage));
    boost::system::error_code error;
    const std::size_t read = parser.write(text.data(), text.size(), error);
    if (error) {
        return fail(Code::invalid, "expected JSON, found a fault at byte " + std::to_string(read) +
                                       ": " + error.message());
    }
    json::value value = parser.release();
    if (count_written(text) != count_kept(value)) {
        return fail(Code::invalid,
                    "expected JSON whose members are there once each, found the same "
                    "name twice in an object");
    }
    return value;
}

}  // namespace belfry
