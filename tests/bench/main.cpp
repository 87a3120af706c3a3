/// belfry-bench: the command line.
#include "tests/bench/benches.hpp"
#include "tests/bench/floor.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

namespace belfry::bench {
namespace {

constexpr int kExitUsage = 64;  // EX_USAGE of sysexits.h

int complain(const Error& error) {
    std::cerr << "belfry-bench: " << error.message << '\n';
    return EXIT_FAILURE;
}

void list() {
    for (const Bench& bench : all_benches()) {
        std::cout << bench.name << ": " << bench.summary << '\n';
    }
}

std::string known_names() {
    std::string names;
    for (const Bench& bench : all_benches()) {
        names += names.empty() ? "" : ", ";
        names += bench.name;
    }
    return names;
}

/// All but the long ones where none is named.
Result<std::vector<const Bench*>> choose(const std::vector<std::string>& names) {
    std::vector<const Bench*> chosen;
    for (const Bench& bench : all_benches()) {
        if (names.empty() && !bench.is_long) {
            chosen.push_back(&bench);
        }
    }
    for (const std::string& name : names) {
        const auto bench = std::ranges::find(all_benches(), name, &Bench::name);
        if (bench == all_benches().end()) {
            return fail(Code::not_found,
                        "no bench is called \"" + name + "\"; there are: " + known_names());
        }
        chosen.push_back(&*bench);
    }
    return chosen;
}

Result<Figures> measure(const std::vector<const Bench*>& benches) {
    const auto machine = find_machine();
    if (!machine) {
        return std::unexpected(machine.error());
    }
    if (auto pinned = pin_to(machine->load_core); !pinned) {
        return std::unexpected(pinned.error());
    }
    Figures all;
    for (const Bench* bench : benches) {
        progress(std::string(bench->name) + ": " + std::string(bench->summary));
        auto figures = bench->run(*machine);
        if (!figures) {
            return fail(figures.error().code,
                        std::string(bench->name) + ": " + figures.error().message);
        }
        std::ranges::move(*figures, std::back_inserter(all));
    }
    return all;
}

int run(const std::vector<std::string>& names, const std::string& json_file) {
    const auto benches = choose(names);
    if (!benches) {
        complain(benches.error());
        return kExitUsage;
    }
    const auto figures = measure(*benches);
    if (!figures) {
        return complain(figures.error());
    }
    print_table(std::cout, *figures);
    if (!json_file.empty()) {
        if (const auto written = write_json(json_file, *figures); !written) {
            return complain(written.error());
        }
    }
    return EXIT_SUCCESS;
}

int command(int argc, char** argv) {
    CLI::App app{"Measures Belfry on this machine"};
    std::vector<std::string> names;
    std::string json_file;
    bool is_listing = false;
    app.add_option("NAME", names, "What to measure; everything but storage_growth if not given");
    app.add_option("--json", json_file, "Write the figures to this file too");
    app.add_flag("--list", is_listing, "Say what can be measured");
    std::uint16_t port = 0;
    auto* floor = app.add_subcommand(std::string(kFloorCommand))->group("");
    floor->add_option("PORT", port)->required();
    CLI11_PARSE(app, argc, argv);

    if (*floor) {
        const auto served = serve_floor(port);
        return served ? EXIT_SUCCESS : complain(served.error());
    }
    if (is_listing) {
        list();
        return EXIT_SUCCESS;
    }
    return run(names, json_file);
}

}  // namespace
}  // namespace belfry::bench

int main(int argc, char** argv) {
    try {
        return belfry::bench::command(argc, argv);
    } catch (const std::exception& error) {
        std::cerr << "belfry-bench: " << error.what() << '\n';
        return EXIT_FAILURE;
    }
}
