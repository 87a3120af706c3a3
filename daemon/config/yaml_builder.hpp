/// From yaml-cpp's events to a tree.
#pragma once

#include "daemon/config/document.hpp"
#include "daemon/config/problem.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include <memory>
#include <string>
#include <vector>

namespace belfry::config {

/// Thrown through yaml-cpp where going on makes no sense.
struct Hopeless {
    Problem problem;
};

/// Collects what is wrong and goes on; throws Hopeless at a limit.
class YamlBuilder final : public YAML::EventHandler {
public:
    explicit YamlBuilder(std::shared_ptr<const std::string> file) : file_(std::move(file)) {}

    [[nodiscard]] Mark place(const YAML::Mark& mark) const;
    Node take_root() { return std::move(root_); }
    std::vector<Problem> take_problems() { return std::move(problems_); }

    void OnDocumentStart(const YAML::Mark& mark) override;
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override;
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value style) override;
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value style) override;
    void OnMapEnd() override { close(); }

private:
    /// A sequence or map whose end is not reached. A map waits for a key and a value by turns.
    struct Open {
        Node node;
        bool has_key = false;
        std::string key;
        Mark key_mark;
    };

    void report(const Mark& where, std::string message);
    void check_anchor(const Mark& where, YAML::anchor_t anchor);
    void check_tag(const Mark& where, const std::string& tag, const char* fitting);
    void count_node(const Mark& where);
    void open(Node::Kind kind, const YAML::Mark& mark);
    void close();
    void add(Node node);
    void take_key(Open& map, const Node& node);

    std::shared_ptr<const std::string> file_;
    std::vector<Open> open_;
    Node root_;
    std::size_t nodes_ = 0;
    std::vector<Problem> problems_;
};

}  // namespace belfry::config
