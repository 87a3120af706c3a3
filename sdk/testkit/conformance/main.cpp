#include "sdk/testkit/conformance/arguments.hpp"
#include "sdk/testkit/conformance/crash_child.hpp"
#include "sdk/testkit/conformance/kit.hpp"

#include <gtest/gtest.h>

#include <exception>
#include <iostream>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace {

using namespace belfry::conformance;

constexpr int kUsageError = 64;

Options options_of(int argc, char** argv) {
    const std::vector<std::string_view> arguments(argv + 1, argv + argc);
    auto options = parse_options(arguments);
    options.is_listing = GTEST_FLAG_GET(list_tests);
    if (!options.is_listing && (options.plugin.empty() || options.config.empty())) {
        throw std::invalid_argument("expected --plugin and --config");
    }
    return options;
}

int run(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    if (is_asking(argc, argv)) {
        std::cout << '\n' << usage();
        return 0;
    }
    Options options;
    try {
        options = options_of(argc, argv);
    } catch (const std::invalid_argument& error) {
        std::cerr << error.what() << "\n\n" << usage();
        return kUsageError;
    }
    if (options.crash_child) {
        return run_crash_child(options);
    }
    const Kit kit(std::move(options));
    return RUN_ALL_TESTS();
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        std::cerr << "belfry-storage-conformance: " << error.what() << '\n';
        return 1;
    }
}
