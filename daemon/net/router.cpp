#include "daemon/net/router.hpp"

#include <algorithm>
#include <utility>

namespace belfry::net {
namespace {

/// Splits the first segment off a path that begins with '/'.
std::pair<std::string_view, std::string_view> split(std::string_view path) {
    path.remove_prefix(1);
    const auto end = std::min(path.find('/'), path.size());
    return {path.substr(0, end), path.substr(end)};
}

std::string allowed(const auto& methods) {
    std::string list;
    for (const auto& [method, leaf] : methods) {
        list += (list.empty() ? "" : ", ") + method;
        list += method == "GET" && !methods.contains("HEAD") ? ", HEAD" : "";
    }
    return list;
}

}  // namespace

Result<> Router::add(const std::string& method, const std::string& path, RequestHandler handler) {
    if (!path.starts_with('/')) {
        return fail(Code::invalid, "route \"" + path + "\": expected a path that begins with '/'");
    }
    Node* node = &root_;
    std::vector<std::string> names;
    for (std::string_view rest = path; !rest.empty();) {
        const auto [segment, next] = split(rest);
        if (segment.starts_with('{') && segment.ends_with('}')) {
            names.emplace_back(segment.substr(1, segment.size() - 2));
            node = &node->any['*'];
        } else {
            node = &node->fixed[std::string(segment)];
        }
        rest = next;
    }
    const bool added = node->methods.try_emplace(method, Leaf{std::move(handler), names}).second;
    if (!added) {
        return fail(Code::conflict, "route " + method + ' ' + path + " is taken twice");
    }
    return {};
}

const Router::Node* Router::find(const Node& node, std::string_view path,
                                 std::vector<std::string_view>& values) {
    if (path.empty()) {
        return node.methods.empty() ? nullptr : &node;
    }
    const auto [segment, rest] = split(path);
    if (const auto fixed = node.fixed.find(segment); fixed != node.fixed.end()) {
        if (const Node* found = find(fixed->second, rest, values)) {
            return found;
        }
    }
    if (node.any.empty() || segment.empty()) {
        return nullptr;
    }
    values.push_back(segment);
    const Node* found = find(node.any.begin()->second, rest, values);
    if (found == nullptr) {
        values.pop_back();
    }
    return found;
}

void Router::dispatch(Request request, Exchange exchange) const {
    std::vector<std::string_view> values;
    const Node* node = find(root_, request.path, values);
    if (node == nullptr) {
        exchange.respond(problem(404, "no such path"));
        return;
    }
    auto leaf = node->methods.find(request.method);
    if (leaf == node->methods.end() && request.method == "HEAD") {
        leaf = node->methods.find("GET");
    }
    if (leaf == node->methods.end()) {
        leaf = node->methods.find("");
    }
    if (leaf == node->methods.end()) {
        Response response = problem(405, "the path does not know this method");
        response.headers.emplace_back("allow", allowed(node->methods));
        exchange.respond(std::move(response));
        return;
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
        request.params.emplace_back(leaf->second.names[i], values[i]);
    }
    leaf->second.handler(std::move(request), std::move(exchange));
}

}  // namespace belfry::net
