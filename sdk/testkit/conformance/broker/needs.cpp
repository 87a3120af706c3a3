#include "sdk/testkit/conformance/broker/needs.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace belfry::conformance::broker {
namespace {

struct Need {
    std::string_view tests;  ///< "Suite.Name" or "Suite.*"
    std::string_view ability;
};

constexpr std::array kNeeds{
    Need{"Publish.KeepsTheOrderOfEachKey", "order"},
    Need{"Publish.ToNowhereIsNotFound", "unroutable"},
    Need{"Content.HasItsId", "ids"},
    Need{"Content.HasItsKey", "keys"},
    Need{"Content.HasHeadersThatAreNoUtf8", "header_bytes"},
    Need{"Content.HasHeadersWithControls", "header_controls"},
    Need{"Coordinates.*", "coordinates"},
    Need{"Settle.UnsettledSaysThatItCameBefore", "attempts"},
    Need{"Settle.OkOfSomeLeavesTheOthers", "single_acks"},
    Need{"Bus.*", "bus"},
    Need{"Stats.KnowWhatWaits", "lag"},
    Need{"Stats.KnowSinceWhenTheOldestWaits", "oldest"},
    Need{"Stats.KnowTheDeadLetters", "dead_letter_count"},
    Need{"Restart.*", "survives_restart"},
    Need{"Crashes.*", "survives_restart"},
};

bool is_there(std::string_view tests) {
    const auto& all = *testing::UnitTest::GetInstance();
    const auto dot = tests.find('.');
    for (int i = 0; i < all.total_test_suite_count(); ++i) {
        const auto& suite = *all.GetTestSuite(i);
        for (int j = 0; suite.name() == tests.substr(0, dot) && j < suite.total_test_count(); ++j) {
            if (tests.ends_with('*') || suite.GetTestInfo(j)->name() == tests.substr(dot + 1)) {
                return true;
            }
        }
    }
    return false;
}

void leave_out(std::string_view tests, std::string_view why) {
    std::cout << "not run: " << tests << " (" << why << ")\n";
    std::string filter = GTEST_FLAG_GET(filter);
    filter += filter.find('-') == std::string::npos ? "-" : ":";
    GTEST_FLAG_SET(filter, filter + std::string(tests));
}

}  // namespace

void leave_out(const Settings& settings) {
    for (const auto& [tests, ability] : kNeeds) {
        if (!is_there(tests)) {
            throw std::logic_error("there is no test " + std::string(tests));
        }
        if (!settings.can(ability)) {
            leave_out(tests, "\"can\": {\"" + std::string(ability) + "\": false}");
        }
    }
    if (settings.restart().empty() && settings.can("survives_restart")) {
        leave_out("Restart.*", "no \"restart\"");
    }
}

}  // namespace belfry::conformance::broker
