#include "daemon/ops/openapi.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

namespace belfry::ops {
namespace {

namespace json = boost::json;

/// Reads like the check: what is not listed is refused.
void close_objects(json::value& schema) {
    auto* object = schema.if_object();
    if (object == nullptr) {
        return;
    }
    if (auto* properties = object->if_contains("properties")) {
        for (auto& [name, property] : properties->get_object()) {
            close_objects(property);
        }
    }
    if (auto* items = object->if_contains("items")) {
        close_objects(*items);
    }
    if (const auto* type = object->if_contains("type"); type != nullptr && *type == "object") {
        object->emplace("additionalProperties", false);
    }
    object->erase("x-each");
}

json::object reference(const std::string& name) {
    return {{"$ref", "#/components/schemas/" + name}};
}

json::object content(std::string_view type, const json::value& schema) {
    return {{type, {{"schema", schema}}}};
}

std::set<std::string> path_names(std::string_view path) {
    std::set<std::string> names;
    for (auto open = path.find('{'); open != std::string_view::npos; open = path.find('{', open)) {
        const auto close = path.find('}', open);
        names.emplace(path.substr(open + 1, close - open - 1));
        open = close;
    }
    return names;
}

/// The text's own member is the request's body.
bool is_body(const Operation& operation, std::string_view name) {
    return operation.body == Body::text && name == "body";
}

json::array parameters(const Operation& operation, const json::object& input,
                       const std::set<std::string>& in_path) {
    json::array all;
    for (const auto& [name, schema] : input.at("properties").as_object()) {
        const std::string key(std::string_view{name});
        const bool is_in_path = in_path.contains(key);
        const bool is_in_query = operation.body != Body::json && key != "user";
        if (is_body(operation, key) || (!is_in_path && !is_in_query)) {
            continue;
        }
        all.push_back(json::object{{"name", key},
                                   {"in", is_in_path ? "path" : "query"},
                                   {"required", is_in_path},
                                   {"schema", schema}});
    }
    return all;
}

json::object responses(const Operation& operation) {
    json::object all{
        {std::to_string(operation.status),
         json::object{
             {"description", operation.summary},
             {"content", content("application/json", reference(operation.name + ".output"))}}},
        {"default",
         json::object{{"description", "What went wrong (RFC 9457)."},
                      {"content", content("application/problem+json", reference("problem"))}}}};
    return all;
}

json::object describe(const Operation& operation, std::size_t route, const json::object& input) {
    const auto in_path = path_names(operation.routes[route].path);
    const std::string number = route == 0 ? "" : "." + std::to_string(route + 1);
    json::object described{{"operationId", operation.name + number},
                           {"summary", operation.summary},
                           {"tags", {operation.name.substr(0, operation.name.find('.'))}},
                           {"responses", responses(operation)}};
    if (input.contains("properties")) {
        if (auto all = parameters(operation, input, in_path); !all.empty()) {
            described["parameters"] = std::move(all);
        }
    }
    if (operation.body != Body::none) {
        const auto body = operation.body == Body::json
                              ? content("application/json", reference(operation.name + ".input"))
                              : content("text/plain", json::object{{"type", "string"}});
        described["requestBody"] = json::object{{"required", true}, {"content", body}};
    }
    if (operation.access == Access::anonymous) {
        described["security"] = json::array{};
    }
    return described;
}

json::value problem_schema() {
    return json::parse(
        R"({"type": "object", "required": ["type", "title", "status"], "properties": {
        "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "For programs."},
        "pointer": {"type": "string", "description": "JSON pointer into the request (RFC 6901)."}}})");
}

std::string lower(std::string method) {
    std::ranges::transform(method, method.begin(),
                           [](char letter) { return static_cast<char>(letter | 0x20); });
    return method;
}

}  // namespace

std::string make_openapi(const Operations& operations) {
    json::object schemas{{"problem", problem_schema()}};
    json::object paths;
    for (const auto& [name, registered] : operations.all()) {
        const Operation& operation = registered->operation;
        json::value input = json::parse(operation.input);
        close_objects(input);
        for (std::size_t i = 0; i < operation.routes.size(); ++i) {
            const Route& route = operation.routes[i];
            auto& path = paths.emplace(route.path, json::object{}).first->value();
            path.as_object()[lower(route.method)] = describe(operation, i, input.as_object());
        }
        if (operation.body == Body::json) {
            schemas[name + ".input"] = std::move(input);
        }
        schemas[name + ".output"] = json::parse(operation.output);
    }
    return json::serialize(json::object{
        {"openapi", "3.1.0"},
        {"info", {{"title", "Belfry"}, {"version", BELFRY_VERSION}}},
        {"security", {{{"bearer", json::array{}}}}},
        {"paths", std::move(paths)},
        {"components",
         {{"schemas", std::move(schemas)},
          {"securitySchemes",
           {{"bearer", {{"type", "http"}, {"scheme", "bearer"}, {"bearerFormat", "JWT"}}}}}}}});
}

}  // namespace belfry::ops
