/// The plugin against a real server, for tests.
#pragma once

#include "sdk/testkit/conformance/broker/source.hpp"
#include "tests/support/rabbitmq_client.hpp"
#include "tests/support/rabbitmq_server.hpp"

#include <belfry/testkit/host.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <list>
#include <memory>
#include <string>

namespace belfry::test {

using conformance::broker::Delivery;
using conformance::broker::Ear;
using conformance::broker::Node;
using conformance::broker::Out;
using conformance::broker::Place;
using conformance::broker::Source;
using conformance::broker::text;
using conformance::broker::Wanted;

constexpr std::chrono::milliseconds kPatience{60'000};

/// {"url": ...} and these members.
std::string config_at(const std::string& url, const std::string& members = "");

/// A test at the shared server, with a queue name of its own; skipped without one.
class Rabbit : public testing::Test {
protected:
    void SetUp() override;
    /// Fails where the plugin broke a rule of the ABI.
    void TearDown() override;

    [[nodiscard]] std::filesystem::path server() const { return server_; }
    [[nodiscard]] std::string url() const { return rabbit_file(server_, "url"); }
    [[nodiscard]] int port() const { return std::stoi(rabbit_file(server_, "port")); }
    [[nodiscard]] RabbitClient& client();
    /// A name that was never there before.
    [[nodiscard]] const std::string& queue() const { return queue_; }

    testkit::Instance create(const std::string& config, const std::string& name = "rabbit");
    /// Started.
    Node& node(const std::string& config, const std::string& name = "rabbit");
    Node& node() { return node(config_at(url())); }
    /// A source of queue() with these members, published to through the default exchange.
    Source& source(Node& node, const std::string& members, Wanted wanted = {});
    /// The same, standing.
    Source& consume(Node& node, const std::string& members = R"("topology": "declare")",
                    Wanted wanted = {});
    [[nodiscard]] Place place(const std::string& members = "") const;

    void wait_for_health(sdk::Health state, const std::string& reason = "",
                         const std::string& instance = "rabbit");

    testkit::Host host;

private:
    std::filesystem::path server_;
    std::string queue_;
    std::unique_ptr<RabbitClient> client_;
    std::list<Source> sources_;
    std::list<Node> nodes_;
};

}  // namespace belfry::test
