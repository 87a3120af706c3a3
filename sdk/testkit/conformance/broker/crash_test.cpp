// The consuming process is killed at random moments.
#include "sdk/testkit/conformance/broker/kit.hpp"
#include "sdk/testkit/conformance/child.hpp"

#include <algorithm>
#include <csignal>
#include <iostream>
#include <random>
#include <set>
#include <thread>

namespace belfry::conformance::broker {
namespace {

constexpr std::chrono::seconds kChildPatience{60};

class Crashes : public Case {
protected:
    void hear(const std::string& line) {
        const auto body = line.substr(2);
        switch (line.front()) {
            case 'P': confirmed_.insert(body); break;
            case 'S': settled_.insert(body); break;
            default: ADD_FAILURE() << "the process that is killed says: " << body;
        }
    }
    void crash(std::uint64_t round, std::size_t more) {
        const auto& options = Kit::get().options();
        Child child({"belfry-broker-conformance", "--plugin=" + options.plugin,
                     "--broker=" + options.broker, "--name=" + place().name,
                     "--crash-child=" + std::to_string(round)});
        const auto end = Clock::now() + kChildPatience;
        const auto enough = confirmed_.size() + more;
        const auto hears = [this](const std::string& line) { hear(line); };
        while (confirmed_.size() < enough) {
            ASSERT_TRUE(child.listen(hears, end)) << "the process ended by itself";
            ASSERT_LT(Clock::now(), end) << "it came to a halt";
        }
        std::this_thread::sleep_for(std::chrono::microseconds(random_() % 5'000));
        ASSERT_EQ(child.kill(), SIGKILL);
        child.listen_to_the_end(hears);
    }

    std::set<std::string> confirmed_;
    std::set<std::string> settled_;
    std::mt19937_64 random_{1};
};

TEST_F(Crashes, LoseNothingConfirmed) {
    declare();
    stop(node());
    const auto crashes = Kit::get().options().crashes;
    for (std::uint64_t round = 1; round <= crashes; ++round) {
        ASSERT_NO_FATAL_FAILURE(crash(round, 40 + random_() % 200)) << "round " << round;
    }
    restart();
    auto& source = consume();
    source.settle_all();
    std::set<std::string> missing;
    const auto is_all_there = [&] {
        missing.clear();
        std::set_difference(confirmed_.begin(), confirmed_.end(), settled_.begin(), settled_.end(),
                            std::inserter(missing, missing.end()));
        for (const auto& letter : source.dead_letters(10'000)) {
            missing.erase(letter.body);
        }
        std::erase_if(missing, [&](const auto& body) { return source.count_of(body) > 0; });
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        return missing.empty();
    };
    try {
        testkit::eventually("everything confirmed is there", is_all_there,
                            2 * settings().patience());
    } catch (const testkit::Failed&) {
        FAIL() << missing.size() << " confirmed messages are lost, the first is "
               << *missing.begin();
    }
    std::cout << crashes << " crashes, " << confirmed_.size() << " confirmed, " << settled_.size()
              << " settled before\n";
}

}  // namespace
}  // namespace belfry::conformance::broker
