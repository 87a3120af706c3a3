#include "daemon/config/validator.hpp"

#include "daemon/config/scalar.hpp"
#include "daemon/config/substitute.hpp"
#include "daemon/config/text.hpp"

#include <set>
#include <utility>
#include <vector>

namespace belfry::config {
namespace {

constexpr std::size_t kMostKeysListed = 12;

std::string found_text(const Node& node) {
    switch (node.kind) {
        case Node::Kind::null: return "nothing";
        case Node::Kind::sequence: return "a list";
        case Node::Kind::map: return "a map";
        case Node::Kind::scalar: break;
    }
    return (node.is_quoted ? "the text " : "") + quote(node.text);
}

bool is_collection(Type type) { return type == Type::object || type == Type::array; }

}  // namespace

void Validator::check_root(const Rule& rule, const Node& node, const std::string& path) {
    const bool is_empty = node.kind == Node::Kind::null && rule.type == Type::object;
    out_.canonical = check(rule, is_empty ? Node::make_map(node.mark) : node, path);
}

boost::json::value Validator::check(const Rule& rule, const Node& node, const std::string& path) {
    if (rule.type == Type::any) {
        return check_any(node, path);
    }
    if (rule.type == Type::object && node.kind == Node::Kind::map) {
        return check_object(rule, node, path);
    }
    if (rule.type == Type::array && node.kind == Node::Kind::sequence) {
        return check_array(rule, node, path);
    }
    if (!is_collection(rule.type) && node.kind == Node::Kind::scalar) {
        return rule.is_secret ? check_secret(rule, node, path) : check_scalar(rule, node, path);
    }
    const bool must_hide = rule.is_secret && node.kind == Node::Kind::scalar;
    report(node, path,
           "expected " + describe(rule) + ", found " +
               (must_hide ? "a value that is not shown" : found_text(node)));
    return nullptr;
}

boost::json::value Validator::check_object(const Rule& rule, const Node& node,
                                           const std::string& path) {
    Members members;
    check_members(rule, node, path, members);
    add_missing(rule, node, path, members);
    boost::json::object out;
    for (auto& [key, value] : members) {
        out.emplace(key, std::move(value));
    }
    return out;
}

void Validator::check_members(const Rule& rule, const Node& node, const std::string& path,
                              Members& out) {
    for (const Node& member : node.children) {
        const auto known = rule.properties.find(member.key);
        const bool is_known = known != rule.properties.end();
        if (!is_known && rule.additional == nullptr) {
            report_unknown(rule, member, path);
        } else if (!is_known || member.kind != Node::Kind::null) {
            const Rule& own = is_known ? *known->second : *rule.additional;
            out[member.key] = check(own, member, join_path(path, member.key));
        }
    }
}

void Validator::add_missing(const Rule& rule, const Node& node, const std::string& path,
                            Members& out) {
    const auto outer = at_default_;
    at_default_ = place(node.mark);
    for (const auto& [key, own] : rule.properties) {
        if (const auto& fallback = own->fallback; fallback && !out.contains(key)) {
            out[key] = check(*own, *fallback, join_path(path, key));
        }
    }
    at_default_ = outer;
    for (const std::string& key : rule.required) {
        if (!out.contains(key)) {
            report(node, path, "expected the key " + quote(key) + ", found none");
        }
    }
}

void Validator::report_unknown(const Rule& rule, const Node& member, const std::string& path) {
    if (out_.problems.size() > kMostProblems) {
        return;
    }
    std::vector<std::string> known;
    known.reserve(rule.properties.size());
    for (const auto& [key, own] : rule.properties) {
        known.push_back(key);
    }
    std::string message = "expected a known key, found " + quote(member.key);
    if (const auto similar = nearest(member.key, known)) {
        message += "; did you mean " + quote(*similar) + "?";
    } else if (!known.empty() && known.size() <= kMostKeysListed) {
        message += "; known are " + join(known);
    }
    report_at(member.key_mark, join_path(path, member.key), std::move(message));
}

boost::json::value Validator::check_array(const Rule& rule, const Node& node,
                                          const std::string& path) {
    boost::json::array out;
    const std::size_t before = out_.problems.size();
    for (std::size_t i = 0; i < node.children.size(); ++i) {
        const Node& item = node.children[i];
        const std::string here = join_path(path, i);
        out.push_back(rule.items == nullptr ? check_any(item, here)
                                            : check(*rule.items, item, here));
    }
    if (!rule.length.contains(out.size())) {
        report(node, path,
               "expected a list" + describe_range(rule.length) + " items, found " +
                   std::to_string(out.size()));
    }
    if (rule.has_unique_items && out_.problems.size() == before) {
        check_unique(node, out, path);
    }
    return out;
}

void Validator::check_unique(const Node& node, const boost::json::array& items,
                             const std::string& path) {
    std::set<std::string> seen;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (!seen.insert(to_json_text(items[i])).second) {
            report(node.children[i], join_path(path, i),
                   "expected each item once, found one that was there before");
        }
    }
}

boost::json::value Validator::check_scalar(const Rule& rule, const Node& node,
                                           const std::string& path) {
    const auto scalar = expand_scalar(node, path);
    if (!scalar) {
        return nullptr;
    }
    auto value = convert_scalar(rule, scalar->text, scalar->is_quoted);
    if (!value) {
        report(node, path, "expected " + value.error() + ", found " + scalar->shown);
        return nullptr;
    }
    return std::move(*value);
}

boost::json::value Validator::check_secret(const Rule& rule, const Node& node,
                                           const std::string& path) {
    auto secret = resolve_secret(node.text, environment_);
    if (!secret) {
        report(node, path, secret.error().message);
        return nullptr;
    }
    const std::string fault = find_string_fault(rule, secret->text);
    if (!fault.empty()) {
        report(node, path, "expected " + fault + ", found a secret that is not shown");
        return nullptr;
    }
    if (secret->is_inline && !secret->text.empty() && !at_default_) {
        out_.warnings.push_back({node.mark, path,
                                 "expected a secret by file:, credential: or ${VARIABLE}, found it "
                                 "written into the file"});
    }
    return boost::json::string(secret->text);
}

boost::json::value Validator::check_any(const Node& node, const std::string& path) {
    if (node.kind == Node::Kind::null) {
        return nullptr;
    }
    if (node.kind == Node::Kind::scalar) {
        const auto scalar = expand_scalar(node, path);
        return scalar ? convert_untyped(scalar->text, scalar->is_quoted) : nullptr;
    }
    Rule rule;
    if (node.kind == Node::Kind::map) {
        rule.type = Type::object;
        rule.additional = std::make_unique<Rule>();
    } else {
        rule.type = Type::array;
    }
    return check(rule, node, path);
}

std::optional<Validator::Scalar> Validator::expand_scalar(const Node& node,
                                                          const std::string& path) {
    auto expanded = expand(node.text, environment_);
    if (!expanded) {
        report(node, path, expanded.error().message);
        return std::nullopt;
    }
    std::string shown = found_text(node);
    if (expanded->has_changed) {
        shown += " (whose value is not shown)";
    }
    return Scalar{std::move(expanded->text), node.is_quoted && !expanded->has_changed,
                  std::move(shown)};
}

void Validator::report(const Node& node, const std::string& path, std::string message) {
    report_at(node.mark, path, std::move(message));
}

void Validator::report_at(const Mark& mark, const std::string& path, std::string message) {
    if (out_.problems.size() < kMostProblems) {
        out_.problems.push_back({place(mark), path, std::move(message)});
    } else if (out_.problems.size() == kMostProblems) {
        out_.problems.push_back({place(mark), {}, "too many errors, stopped listing them"});
    }
}

}  // namespace belfry::config
