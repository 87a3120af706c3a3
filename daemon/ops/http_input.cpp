#include "daemon/ops/http_input.hpp"

#include "daemon/identity/strict_json.hpp"

#include <boost/json/object.hpp>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace belfry::ops {
namespace {

namespace json = boost::json;

constexpr std::string_view kJsonType = "application/json";
/// Headers that say what the text alone cannot.
constexpr std::array<std::string_view, 2> kTextHeaders{"title", "type"};

bool is_json(std::string_view content_type) {
    content_type = content_type.substr(0, content_type.find(';'));
    const auto end = content_type.find_last_not_of(" \t");
    content_type = content_type.substr(0, end == std::string_view::npos ? 0 : end + 1);
    return std::ranges::equal(content_type, kJsonType, [](char left, char right) {
        return (left >= 'A' && left <= 'Z' ? left | 0x20 : left) == right;
    });
}

/// Members that come as text.
class Parameters {
public:
    Parameters(const InputSchema& schema, json::object& input) : schema_(schema), input_(input) {}

    Result<> add(std::string_view name, std::string_view text) {
        auto value = schema_.from_text(name, text);
        if (!value) {
            return std::unexpected(value.error());
        }
        if (!input_.emplace(name, std::move(*value)).second) {
            return fail(Code::invalid, std::string(name) + ": expected once, found twice",
                        "/" + std::string(name));
        }
        return {};
    }

    Result<> add_query(std::string_view query) {
        while (!query.empty()) {
            const auto end = std::min(query.find('&'), query.size());
            if (auto added = add_pair(query.substr(0, end)); !added) {
                return added;
            }
            query.remove_prefix(std::min(end + 1, query.size()));
        }
        return {};
    }

private:
    Result<> add_pair(std::string_view pair) {
        if (pair.empty()) {
            return {};
        }
        const auto equals = std::min(pair.find('='), pair.size());
        std::string text(pair.substr(std::min(equals + 1, pair.size())));
        std::ranges::replace(text, '+', ' ');
        const auto name = net::percent_decode(pair.substr(0, equals));
        const auto value = net::percent_decode(text);
        if (!name || !value) {
            return fail(Code::invalid, "the query has a malformed percent escape");
        }
        return add(*name, *value);
    }

    const InputSchema& schema_;
    json::object& input_;
};

Result<> add_parameters(const Registered& registered, const net::Request& request,
                        json::object& input) {
    Parameters parameters(registered.schema, input);
    for (const auto& [name, text] : request.params) {
        if (auto added = parameters.add(name, text); !added) {
            return added;
        }
    }
    if (registered.operation.body == Body::text) {
        for (const std::string_view name : kTextHeaders) {
            if (const auto text = request.header(name); !text.empty()) {
                if (auto added = parameters.add(name, text); !added) {
                    return added;
                }
            }
        }
        if (auto added = parameters.add("body", request.body); !added) {
            return added;
        }
    }
    return parameters.add_query(request.query);
}

}  // namespace

std::expected<json::value, net::Response> read_input(const Registered& registered,
                                                     const net::Request& request,
                                                     json::storage_ptr storage) {
    json::value input(json::object_kind, storage);
    if (registered.operation.body == Body::json) {
        if (!is_json(request.header("content-type"))) {
            return std::unexpected(net::problem(415, "expected Content-Type: application/json"));
        }
        auto parsed = parse_strict_json(request.body, std::move(storage));
        if (!parsed) {
            return std::unexpected(net::problem(400, parsed.error().message));
        }
        input = std::move(*parsed);
    }
    if (auto* object = input.if_object()) {
        if (auto added = add_parameters(registered, request, *object); !added) {
            return std::unexpected(net::problem(added.error()));
        }
    }
    return input;
}

}  // namespace belfry::ops
