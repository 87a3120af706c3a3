#include "daemon/config/schema.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace belfry::config {
namespace {

/// Boost.JSON 1.81 writes 1.5 as 1.5E0.
void write_double(std::string& out, double value) {
    std::array<char, 32> text{};
    const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
    out.append(text.data(), end);
}

void write(std::string& out, const boost::json::value& value);

void write_array(std::string& out, const boost::json::array& array) {
    out += '[';
    for (std::size_t i = 0; i < array.size(); ++i) {
        if (i != 0) {
            out += ',';
        }
        write(out, array[i]);
    }
    out += ']';
}

void write_object(std::string& out, const boost::json::object& object) {
    std::vector<const boost::json::key_value_pair*> members;
    for (const auto& member : object) {
        members.push_back(&member);
    }
    std::ranges::sort(members, {}, [](const auto* member) { return member->key(); });
    out += '{';
    for (const auto* member : members) {
        if (member != members.front()) {
            out += ',';
        }
        out += boost::json::serialize(member->key());
        out += ':';
        write(out, member->value());
    }
    out += '}';
}

void write(std::string& out, const boost::json::value& value) {
    if (const auto* array = value.if_array()) {
        write_array(out, *array);
    } else if (const auto* object = value.if_object()) {
        write_object(out, *object);
    } else if (const auto* number = value.if_double()) {
        write_double(out, *number);
    } else {
        out += boost::json::serialize(value);
    }
}

}  // namespace

std::string to_json_text(const boost::json::value& value) {
    std::string out;
    write(out, value);
    return out;
}

}  // namespace belfry::config
