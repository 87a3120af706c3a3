#include "daemon/config/document.hpp"

#include "daemon/config/text.hpp"
#include "daemon/config/yaml_builder.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <sstream>
#include <utility>

namespace belfry::config {
namespace {

using File = std::shared_ptr<const std::string>;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

Mark place_of(const File& file, std::string_view text, std::size_t at) {
    const std::string_view before = text.substr(0, at);
    const auto line = static_cast<std::uint32_t>(std::ranges::count(before, '\n')) + 1;
    const std::size_t start = before.rfind('\n');
    const std::size_t column = start == std::string_view::npos ? at + 1 : at - start;
    return {file, line, static_cast<std::uint32_t>(column)};
}

bool is_control(char byte) {
    const auto value = static_cast<unsigned char>(byte);
    return (value < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || value == 0x7F;
}

/// What can be told before YAML comes into it.
std::optional<Problem> check_bytes(const File& file, std::string_view text) {
    if (text.size() > kMaxFileBytes) {
        return Problem{{file, 0, 0},
                       {},
                       "expected a file of at most " + std::to_string(kMaxFileBytes) +
                           " bytes, found " + std::to_string(text.size())};
    }
    const auto control = std::ranges::find_if(text, is_control);
    const auto invalid = find_invalid_utf8(text);
    const auto control_at = static_cast<std::size_t>(control - text.begin());
    if (invalid && *invalid < control_at) {
        return Problem{
            place_of(file, text, *invalid), {}, "expected text in UTF-8, found bytes that are not"};
    }
    if (control != text.end()) {
        const std::string found = *control == '\0' ? "NUL" : "a control character";
        return Problem{place_of(file, text, control_at), {}, "expected text, found " + found};
    }
    return std::nullopt;
}

/// Throws Hopeless and YAML::Exception.
void parse(YamlBuilder& builder, std::string_view text) {
    std::istringstream in{std::string(text)};
    YAML::Parser parser(in);
    if (!parser.HandleNextDocument(builder)) {
        return;
    }
    YamlBuilder second(builder.place({}).file);
    if (parser.HandleNextDocument(second)) {
        throw Hopeless{{second.take_root().mark, {}, "expected one document, found a second one"}};
    }
}

/// Sentences of yaml-cpp begin with its position where a mark is there; the message alone does not.
Problem explain(const YamlBuilder& builder, const YAML::Exception& error) {
    return {builder.place(error.mark), {}, "expected YAML, found an error: " + error.msg};
}

}  // namespace

const Node* Node::find(std::string_view name) const {
    if (kind != Kind::map) {
        return nullptr;
    }
    const auto found = std::ranges::find(children, name, &Node::key);
    return found == children.end() ? nullptr : &*found;
}

Node* Node::find(std::string_view name) {
    return const_cast<Node*>(std::as_const(*this).find(name));
}

Node Node::make_map(Mark where) {
    Node node;
    node.kind = Kind::map;
    node.mark = std::move(where);
    return node;
}

Document parse_document(std::string_view text, std::string_view filename) {
    const auto file = std::make_shared<const std::string>(filename);
    if (text.starts_with(kByteOrderMark)) {
        text.remove_prefix(kByteOrderMark.size());
    }
    Document document;
    if (auto problem = check_bytes(file, text)) {
        document.problems.push_back(std::move(*problem));
        return document;
    }
    YamlBuilder builder(file);
    std::optional<Problem> last;
    try {
        parse(builder, text);
    } catch (const Hopeless& hopeless) {
        last = hopeless.problem;
    } catch (const YAML::Exception& error) {
        last = explain(builder, error);
    }
    document.root = builder.take_root();
    document.problems = builder.take_problems();
    if (last) {
        document.problems.push_back(std::move(*last));
    }
    if (document.root.kind == Node::Kind::null) {
        document.root = Node::make_map({file, 1, 1});
    }
    return document;
}

}  // namespace belfry::config
