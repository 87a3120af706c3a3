/// What the kit is told of a broker: the file of --broker.
#pragma once

#include <boost/json/object.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace belfry::conformance::broker {

/// Something to consume from, and how to publish to it, by a name of its own.
struct Place {
    std::string name;
    boost::json::object source;  ///< the source's configuration
    std::string destination;
    std::string exchange;
};

class Settings {
public:
    Settings() = default;
    /// Throws std::invalid_argument, whose text names the key. ${VARIABLE} is taken from the
    /// environment where its name is not `name`.
    explicit Settings(std::string_view text);

    /// Everything "can" may say; what the file does not mention, the broker can.
    static const std::set<std::string, std::less<>>& abilities();
    [[nodiscard]] bool can(std::string_view ability) const;

    [[nodiscard]] std::string config(const std::string& name) const;
    [[nodiscard]] Place place(const std::string& name) const;
    /// Key the message must name -> members of a source's configuration that are wrong.
    [[nodiscard]] std::vector<std::pair<std::string, boost::json::object>> bad_sources(
        const std::string& name) const;
    [[nodiscard]] std::vector<std::string> prepare(const std::string& name) const;
    [[nodiscard]] const std::vector<std::string>& restart() const { return restart_; }
    [[nodiscard]] std::size_t max_body() const { return max_body_; }
    /// How long what must come may take.
    [[nodiscard]] std::chrono::milliseconds patience() const { return patience_; }

private:
    boost::json::object config_;
    boost::json::object source_;
    boost::json::object publish_;
    boost::json::object bad_sources_;
    std::map<std::string, bool, std::less<>> can_;
    std::vector<std::string> prepare_;
    std::vector<std::string> restart_;
    std::size_t max_body_ = 1'048'576;
    std::chrono::milliseconds patience_{30'000};
};

}  // namespace belfry::conformance::broker
