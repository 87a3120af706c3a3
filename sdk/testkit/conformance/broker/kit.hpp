/// The plugin under test, and a place of its own for each test.
#pragma once

#include "sdk/testkit/conformance/broker/node.hpp"
#include "sdk/testkit/conformance/broker/options.hpp"
#include "sdk/testkit/conformance/broker/settings.hpp"
#include "sdk/testkit/conformance/broker/source.hpp"

#include <belfry/testkit/host.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace belfry::conformance::broker {

/// What a whole run shares. A plugin is loaded once and has one host, as in the daemon.
class Kit {
public:
    explicit Kit(Options options);
    ~Kit();
    Kit(const Kit&) = delete;
    Kit& operator=(const Kit&) = delete;

    /// The one that main made.
    static Kit& get();

    [[nodiscard]] const Options& options() const { return options_; }
    [[nodiscard]] const Settings& settings() const { return settings_; }
    [[nodiscard]] testkit::Host& host() { return host_; }
    [[nodiscard]] const testkit::Plugin& plugin() const { return *plugin_; }
    /// Where there was never a message; prepared.
    Place new_place();

private:
    Options options_;
    Settings settings_;
    std::string run_;  ///< told from all other runs by chance
    std::uint64_t places_ = 0;
    testkit::Host host_;
    std::optional<testkit::Plugin> plugin_;
};

/// One place, and instances that work there. Fails where the plugin broke a rule of abi.h or of
/// abi/broker.h, too.
class Case : public testing::Test {
protected:
    void SetUp() override;
    void TearDown() override;

    [[nodiscard]] static testkit::Host& host() { return Kit::get().host(); }
    [[nodiscard]] static const Settings& settings() { return Kit::get().settings(); }
    [[nodiscard]] static bool can(std::string_view ability) { return settings().can(ability); }
    /// Where there are many.
    [[nodiscard]] static std::size_t many() { return Kit::get().options().messages; }
    [[nodiscard]] const Place& place() const { return place_; }
    [[nodiscard]] std::string config() const { return settings().config(place_.name); }

    /// Started by the first call.
    Node& node();
    /// A further instance.
    Node& add_node(const std::string& name);
    /// Stops the first instance and starts another in its stead.
    void restart();
    void stop(Node& node);

    /// A source of the first instance, made and not consumed.
    Source& make_source(Wanted wanted = {});
    Source& make_source(Node& node, const Place& place, Wanted wanted = {});
    /// The same, standing.
    Source& consume(Wanted wanted = {});
    /// Consumed and cancelled, so that all that it needs is there.
    void declare();

    /// Published and confirmed, one after the other.
    void publish_all(const std::vector<std::string>& bodies);
    void publish(const std::string& body) { publish_all({body}); }
    /// Published at once -> the confirmed ones. Those put off are published again.
    std::vector<std::string> publish_at_once(const std::vector<Out>& outs);

    /// What waits in the place comes to a new source, which settles it: nothing but `expected` may
    /// come, and each of these once.
    void expect_left(const std::vector<std::string>& expected);

private:
    Place place_;
    std::vector<std::unique_ptr<Source>> sources_;
    std::unique_ptr<Node> keeper_;
    std::vector<std::unique_ptr<Node>> nodes_;  ///< all; stopped ones, too
    Node* first_ = nullptr;
    std::size_t markers_ = 0;
    std::size_t known_violations_ = 0;
};

/// "<prefix>1" ... "<prefix><count>".
std::vector<std::string> numbered(const std::string& prefix, std::size_t count);
std::vector<Out> texts(const std::vector<std::string>& bodies);
std::vector<std::string> bodies_of(const std::vector<Message>& messages);

}  // namespace belfry::conformance::broker
