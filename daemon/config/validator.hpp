/// The walk over a node with its rule.
#pragma once

#include "daemon/config/document.hpp"
#include "daemon/config/environment.hpp"
#include "daemon/config/rule.hpp"
#include "daemon/config/schema.hpp"

#include <boost/json/value.hpp>

#include <map>
#include <optional>
#include <string>

namespace belfry::config {

/// Collects problems and warnings; what is wrong becomes null.
class Validator {
public:
    explicit Validator(const Environment& environment) : environment_(environment) {}

    /// A whole section: nothing at all counts as an empty map where a map belongs.
    void check_root(const Rule& rule, const Node& node, const std::string& path);
    boost::json::value check(const Rule& rule, const Node& node, const std::string& path);
    Validation take() { return std::move(out_); }

private:
    /// A scalar with its variables put in, and how to speak of it.
    struct Scalar {
        std::string text;
        bool is_quoted = false;
        std::string shown;
    };

    using Members = std::map<std::string, boost::json::value>;

    boost::json::value check_object(const Rule& rule, const Node& node, const std::string& path);
    void check_members(const Rule& rule, const Node& node, const std::string& path, Members& out);
    void add_missing(const Rule& rule, const Node& node, const std::string& path, Members& out);
    void report_unknown(const Rule& rule, const Node& member, const std::string& path);
    boost::json::value check_array(const Rule& rule, const Node& node, const std::string& path);
    void check_unique(const Node& node, const boost::json::array& items, const std::string& path);
    boost::json::value check_scalar(const Rule& rule, const Node& node, const std::string& path);
    boost::json::value check_secret(const Rule& rule, const Node& node, const std::string& path);
    boost::json::value check_any(const Node& node, const std::string& path);

    std::optional<Scalar> expand_scalar(const Node& node, const std::string& path);
    [[nodiscard]] Mark place(const Mark& mark) const { return at_default_.value_or(mark); }
    void report(const Node& node, const std::string& path, std::string message);
    void report_at(const Mark& mark, const std::string& path, std::string message);

    const Environment& environment_;
    Validation out_;
    std::optional<Mark> at_default_;  ///< set inside a default: where the key is missing
};

}  // namespace belfry::config
