/// belfryd: the command line.
#include "daemon/base/log.hpp"
#include "daemon/check.hpp"
#include "daemon/exit_codes.hpp"
#include "daemon/migrate/migrate.hpp"
#include "daemon/plugin/probe.hpp"
#include "daemon/runtime.hpp"
#include "daemon/version.hpp"

#include <CLI/CLI.hpp>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>

namespace belfry {
namespace {

/// The profile, or nothing after saying on standard error what is wrong with it.
std::optional<config::Profile> load(const std::string& file,
                                    const config::Environment& environment) {
    std::string text(config::default_profile());
    if (!file.empty()) {
        std::ifstream stream(file, std::ios::binary);
        stream.peek();  // opening a directory succeeds, reading it does not
        if (!stream.is_open() || stream.bad()) {
            std::cerr << file << ": cannot be read\n";
            return std::nullopt;
        }
        text.assign(std::istreambuf_iterator<char>(stream), {});
    }
    auto loaded = config::load_profile(text, file.empty() ? "(default)" : file, environment);
    for (const config::Problem& warning : loaded.warnings) {
        std::cerr << config::to_string(warning) << " (warning)\n";
    }
    for (const config::Problem& problem : loaded.problems) {
        std::cerr << config::to_string(problem) << '\n';
    }
    return std::move(loaded.profile);
}

/// SIGTERM, SIGINT and SIGHUP as a descriptor; blocked in every thread that is started later.
int open_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    return signalfd(-1, &signals, SFD_CLOEXEC);
}

/// True for a signal that asks the daemon to end. Waits for `limit` milliseconds; -1 = for ever.
bool is_told_to_end(int descriptor, int limit) {
    pollfd waiting{.fd = descriptor, .events = POLLIN, .revents = 0};
    if (poll(&waiting, 1, limit) <= 0) {
        return false;
    }
    signalfd_siginfo info{};
    if (::read(descriptor, &info, sizeof info) != sizeof info) {
        return false;
    }
    if (info.ssi_signo == SIGHUP) {
        log::warning("this version reads its profile only when it starts");
        return false;
    }
    return true;
}

int exit_code_of(const Error& error) {
    return error.code == Code::invalid || error.code == Code::refused ||
                   error.code == Code::not_found
               ? kExitConfig
               : kExitUnavailable;
}

int run(const std::string& file) {
    std::signal(SIGPIPE, SIG_IGN);
    const int signals = open_signals();
    const auto environment = config::system_environment();
    auto profile = load(file, environment);
    if (!profile) {
        return kExitConfig;
    }
    log::configure(profile->log.format, profile->log.level);
    Runtime runtime(std::move(*profile), environment);
    if (const auto started = runtime.start(); !started) {
        log::error("start failed", {{"reason", started.error().message}});
        return exit_code_of(started.error());
    }
    while (!is_told_to_end(signals, -1)) {
    }
    bool is_hurried = false;
    runtime.stop([&] { return is_hurried = is_hurried || is_told_to_end(signals, 0); });
    ::close(signals);
    return EXIT_SUCCESS;
}

int migrate_files(const std::string& from, const std::string& to) {
    const auto environment = config::system_environment();
    const auto source = load(from, environment);
    const auto target = load(to, environment);
    if (!source || !target) {
        return kExitConfig;
    }
    if (const auto done = migrate::migrate(*source, *target, environment, std::cout); !done) {
        std::cerr << "migrate: " << done.error().message << '\n';
        return exit_code_of(done.error());
    }
    return EXIT_SUCCESS;
}

int command(int argc, char** argv) {
    CLI::App app{"Belfry: durable mailboxes with a live tail"};
    app.set_version_flag("--version", std::string("belfryd ") + kVersion);
    std::string file;
    app.add_option("-c,--config", file, "Profile to run; the built-in default if not given");
    app.fallthrough();  // --config may follow the subcommand as well
    int result = -1;

    auto* check =
        app.add_subcommand("check", "Validate a profile as a start would, plugins included");
    check->add_option("FILE", file, "Profile")->required();
    auto* plugins = app.add_subcommand("plugins", "List the plugins that are found");
    auto* print = app.add_subcommand("default", "Print the built-in default profile");
    auto* probe = app.add_subcommand("probe", "Load one plugin and say what it is")->group("");
    std::string plugin_file;
    std::string plugin_name;
    probe->add_option("FILE", plugin_file)->required();
    probe->add_option("NAME", plugin_name);
    auto* migration = app.add_subcommand("migrate", "Copy everything from one storage to another");
    std::string from;
    std::string to;
    migration->add_option("--from", from, "Profile whose storage has the deployment")->required();
    migration->add_option("--to", to, "Profile whose storage is empty")->required();
    app.require_subcommand(0, 1);
    CLI11_PARSE(app, argc, argv);

    if (*probe) {
        return plugin::run_probe(plugin_file, plugin_name);
    }
    if (*print) {
        std::cout << config::default_profile();
        return EXIT_SUCCESS;
    }
    if (*migration) {
        return migrate_files(from, to);
    }
    if (!*check && !*plugins) {
        return run(file);
    }
    const auto environment = config::system_environment();
    const auto profile = load(file, environment);
    if (profile) {
        result =
            *check ? check_profile(*profile, environment) : list_plugins(*profile, environment);
    }
    return profile ? result : kExitConfig;
}

}  // namespace
}  // namespace belfry

int main(int argc, char** argv) {
    try {
        return belfry::command(argc, argv);
    } catch (const std::exception& error) {
        std::cerr << "belfryd: " << error.what() << '\n';
        return EXIT_FAILURE;
    }
}
