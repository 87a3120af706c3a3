#include "sdk/testkit/conformance/broker/kit.hpp"

#include "sdk/testkit/conformance/arguments.hpp"
#include "sdk/testkit/conformance/broker/command.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <thread>

namespace belfry::conformance::broker {
namespace {

Kit* current = nullptr;

constexpr std::chrono::seconds kPrepareLimit{30};

Settings load_settings(const std::string& path) {
    std::ifstream file(path);
    if (!file) {
        throw testkit::Failed(path + ": cannot be read");
    }
    return Settings(std::string(std::istreambuf_iterator<char>(file), {}));
}

}  // namespace

Kit::Kit(Options options) : options_(std::move(options)), run_(random_name()) {
    if (!options_.is_listing) {
        options_.plugin = std::filesystem::absolute(options_.plugin).string();
        options_.broker = std::filesystem::absolute(options_.broker).string();
        settings_ = load_settings(options_.broker);
        plugin_ = testkit::Plugin::load(host_, options_.plugin);
        if (plugin_->descriptor().kind != BF_KIND_BROKER) {
            throw testkit::Failed(options_.plugin + ": expected a broker, found kind " +
                                  std::to_string(plugin_->descriptor().kind));
        }
    }
    current = this;
}

Kit::~Kit() { current = nullptr; }

Kit& Kit::get() { return *current; }

Place Kit::new_place() {
    const std::string name =
        options_.name.empty() ? run_ + "_" + std::to_string(++places_) : options_.name;
    if (auto command = settings_.prepare(name); !command.empty() && options_.name.empty()) {
        run_command(std::move(command), kPrepareLimit);
    }
    return settings_.place(name);
}

void Case::SetUp() {
    place_ = Kit::get().new_place();
    known_violations_ = host().violations().size();
}

void Case::TearDown() {
    for (const auto& node : nodes_) {
        stop(*node);
    }
    if (keeper_) {
        stop(*keeper_);
    }
    nodes_.clear();
    keeper_.reset();
    const auto violations = host().violations();
    for (auto at = known_violations_; at < violations.size(); ++at) {
        ADD_FAILURE() << "a rule was broken: " << violations[at];
    }
    if (HasFailure()) {
        std::cout << "place " << place_.name << '\n';
    }
}

Node& Case::node() {
    if (first_ == nullptr) {
        if (!can("survives_restart")) {
            keeper_ = std::make_unique<Node>(Kit::get().plugin(), "keeper", config());
        }
        first_ = &add_node("broker");
    }
    return *first_;
}

Node& Case::add_node(const std::string& name) {
    return *nodes_.emplace_back(std::make_unique<Node>(Kit::get().plugin(), name, config()));
}

void Case::stop(Node& node) {
    if (*node.instance.seat().stopped()) {
        return;
    }
    node.stop();
    for (const auto& source : sources_) {
        if (&source->node() == &node) {
            source->close();
        }
    }
}

void Case::restart() {
    stop(node());
    first_ = &add_node("broker");
}

Source& Case::make_source(Node& node, const Place& place, Wanted wanted) {
    return *sources_.emplace_back(
        std::make_unique<Source>(node, place, std::move(wanted), settings().patience()));
}

Source& Case::make_source(Wanted wanted) { return make_source(node(), place_, std::move(wanted)); }

Source& Case::consume(Wanted wanted) {
    Source& source = make_source(std::move(wanted));
    source.consume();
    return source;
}

void Case::declare() { consume().cancel(); }

void Case::publish_all(const std::vector<std::string>& bodies) {
    for (const auto& body : bodies) {
        const auto outcome = node().publish(place_, text(body));
        if (!outcome.ok()) {
            throw testkit::Failed("publish: " + outcome.message);
        }
    }
}

std::vector<std::string> Case::publish_at_once(const std::vector<Out>& outs) {
    std::vector<std::string> confirmed;
    std::vector<Out> next = outs;
    const auto end = Clock::now() + settings().patience();
    while (!next.empty()) {
        std::vector<Call<>> calls;
        calls.reserve(next.size());
        for (const Out& out : next) {
            calls.push_back(node().begin_publish(place_, out));
        }
        std::vector<Out> put_off;
        for (std::size_t i = 0; i < next.size(); ++i) {
            const auto outcome = calls[i].wait();
            if (outcome.ok()) {
                confirmed.push_back(next[i].body);
            } else if (outcome.status == Status::retry && Clock::now() < end) {
                put_off.push_back(next[i]);
            } else {
                throw testkit::Failed("publish: " + outcome.message);
            }
        }
        next = std::move(put_off);
    }
    return confirmed;
}

void Case::expect_left(const std::vector<std::string>& expected) {
    // A broker may take the same id for the same message.
    const std::string marker = "last " + std::to_string(++markers_) + " of " + place_.name;
    Source& source = make_source();
    source.settle_all();
    source.consume();
    publish(marker);
    source.wait_for_all(expected);
    (void)source.wait_for(marker);
    auto found = source.bodies();
    std::erase(found, marker);
    std::sort(found.begin(), found.end());
    auto wanted = expected;
    std::sort(wanted.begin(), wanted.end());
    EXPECT_EQ(found, wanted);
    source.cancel();
}

std::vector<std::string> numbered(const std::string& prefix, std::size_t count) {
    std::vector<std::string> all;
    all.reserve(count);
    for (std::size_t number = 1; number <= count; ++number) {
        all.push_back(prefix + std::to_string(number));
    }
    return all;
}

std::vector<Out> texts(const std::vector<std::string>& bodies) {
    std::vector<Out> outs;
    outs.reserve(bodies.size());
    for (const auto& body : bodies) {
        outs.push_back(text(body));
    }
    return outs;
}

std::vector<std::string> bodies_of(const std::vector<Message>& messages) {
    std::vector<std::string> bodies;
    bodies.reserve(messages.size());
    for (const auto& message : messages) {
        bodies.push_back(message.body);
    }
    return bodies;
}

}  // namespace belfry::conformance::broker
