/// An environment and a few short cuts for the tests of the configuration.
#pragma once

#include "daemon/config/document.hpp"
#include "daemon/config/environment.hpp"
#include "daemon/config/profile.hpp"
#include "daemon/config/schema.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::config::test {

using Texts = std::map<std::string, std::string>;

/// Variables and files as given; the host is called "host".
inline Environment make_environment(const Texts& variables = {}, const Texts& files = {}) {
    return {[variables](const std::string& name) -> std::optional<std::string> {
                const auto found = variables.find(name);
                return found == variables.end() ? std::nullopt : std::optional(found->second);
            },
            [files](const std::string& path) -> Result<std::string> {
                const auto found = files.find(path);
                if (found == files.end()) {
                    return fail(Code::not_found, "cannot read " + path);
                }
                return found->second;
            },
            [] { return std::string("host"); }};
}

/// Names a parameterised test by its parameter's `name`.
struct NameOf {
    template <class Info>
    std::string operator()(const Info& one) const {
        return one.param.name;
    }
};

inline std::vector<std::string> texts_of(const std::vector<Problem>& problems) {
    std::vector<std::string> out;
    out.reserve(problems.size());
    for (const Problem& problem : problems) {
        out.push_back(to_string(problem));
    }
    return out;
}

inline std::string joined(const std::vector<Problem>& problems) {
    std::string out;
    for (const Problem& problem : problems) {
        out += to_string(problem) + '\n';
    }
    return out;
}

inline LoadResult load(std::string_view text, const Environment& environment = make_environment()) {
    return load_profile(text, "p.yaml", environment);
}

/// What validation by a schema brings for a YAML text.
inline Validation validate_text(std::string_view schema, std::string_view yaml,
                                const Environment& environment = make_environment()) {
    const auto parsed = Schema::parse(schema);
    if (!parsed) {
        ADD_FAILURE() << parsed.error().message;
        return {};
    }
    const Document document = parse_document(yaml, "p.yaml");
    EXPECT_TRUE(document.problems.empty()) << joined(document.problems);
    return validate(*parsed, document.root, {environment});
}

}  // namespace belfry::config::test
