#include "tests/conformance/broker/relay.hpp"

#include <regex>

namespace belfry::test {

std::string member(std::string_view config, const std::string& name) {
    const std::regex pattern("\"" + name + R"("\s*:\s*"([^"]*)\")");
    std::match_results<std::string_view::const_iterator> found;
    return std::regex_search(config.begin(), config.end(), found, pattern) ? found[1].str() : "";
}

}  // namespace belfry::test
