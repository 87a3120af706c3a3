#include "daemon/config/yaml_builder.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace belfry::config {
namespace {

constexpr std::string_view kPlainTag = "?";
constexpr std::string_view kNoTag = "!";

}  // namespace

Mark YamlBuilder::place(const YAML::Mark& mark) const {
    return {file_, static_cast<std::uint32_t>(std::max(mark.line, 0)) + 1,
            static_cast<std::uint32_t>(std::max(mark.column, 0)) + 1};
}

void YamlBuilder::OnDocumentStart(const YAML::Mark& mark) { root_.mark = place(mark); }

void YamlBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
    Node node;
    node.mark = place(mark);
    check_anchor(node.mark, anchor);
    add(std::move(node));
}

void YamlBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) {
    Node node;
    node.mark = place(mark);
    report(node.mark, "expected a value, found an alias (*name); write the value out");
    add(std::move(node));
}

void YamlBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                           const std::string& value) {
    Node node;
    node.kind = Node::Kind::scalar;
    node.is_quoted = tag != kPlainTag;
    node.text = value;
    node.mark = place(mark);
    check_anchor(node.mark, anchor);
    check_tag(node.mark, tag, "str");
    if (value.find('\0') != std::string::npos) {
        report(node.mark, "expected text, found a NUL character in it");
    }
    add(std::move(node));
}

void YamlBuilder::OnSequenceStart(const YAML::Mark& mark, const std::string& tag,
                                  YAML::anchor_t anchor, YAML::EmitterStyle::value /*style*/) {
    check_anchor(place(mark), anchor);
    check_tag(place(mark), tag, "seq");
    open(Node::Kind::sequence, mark);
}

void YamlBuilder::OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                             YAML::EmitterStyle::value /*style*/) {
    check_anchor(place(mark), anchor);
    check_tag(place(mark), tag, "map");
    open(Node::Kind::map, mark);
}

void YamlBuilder::report(const Mark& where, std::string message) {
    problems_.push_back({where, {}, std::move(message)});
    if (problems_.size() >= kMostProblems) {
        throw Hopeless{{where, {}, "too many errors, stopped reading"}};
    }
}

void YamlBuilder::check_anchor(const Mark& where, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor) {
        report(where, "expected a value, found an anchor (&name) before it; write values out");
    }
}

void YamlBuilder::check_tag(const Mark& where, const std::string& tag, const char* fitting) {
    if (tag.empty() || tag == kPlainTag || tag == kNoTag ||
        tag == std::string("tag:yaml.org,2002:") + fitting) {
        return;
    }
    report(where, "expected a value without a tag, found the tag " + quote(tag));
}

void YamlBuilder::count_node(const Mark& where) {
    if (++nodes_ > kMaxNodes) {
        throw Hopeless{
            {where,
             {},
             "expected at most " + std::to_string(kMaxNodes) + " values in the file, found more"}};
    }
}

void YamlBuilder::open(Node::Kind kind, const YAML::Mark& mark) {
    Open next;
    next.node.kind = kind;
    next.node.mark = place(mark);
    if (open_.size() >= kMaxDepth) {
        throw Hopeless{
            {next.node.mark,
             {},
             "expected at most " + std::to_string(kMaxDepth) + " levels of nesting, found more"}};
    }
    open_.push_back(std::move(next));
}

void YamlBuilder::close() {
    Node node = std::move(open_.back().node);
    open_.pop_back();
    add(std::move(node));
}

void YamlBuilder::add(Node node) {
    count_node(node.mark);
    if (open_.empty()) {
        root_ = std::move(node);
        return;
    }
    Open& parent = open_.back();
    if (parent.node.kind == Node::Kind::map) {
        if (!parent.has_key) {
            take_key(parent, node);
            return;
        }
        node.key = std::move(parent.key);
        node.key_mark = parent.key_mark;
        parent.has_key = false;
    }
    parent.node.children.push_back(std::move(node));
}

void YamlBuilder::take_key(Open& map, const Node& node) {
    map.has_key = true;
    map.key = node.text;
    map.key_mark = node.mark;
    if (node.kind != Node::Kind::scalar || node.text.empty()) {
        report(node.mark, "expected a key that is plain text, found none or something else");
    } else if (node.text == "<<" && !node.is_quoted) {
        report(node.mark, "expected a key, found a merge (<<); write the keys out");
    } else if (const Node* first = std::as_const(map.node).find(node.text); first != nullptr) {
        report(node.mark, "expected each key once, found " + quote(node.text) +
                              " again (first at line " + std::to_string(first->key_mark.line) +
                              ", column " + std::to_string(first->key_mark.column) + ")");
    }
}

}  // namespace belfry::config
