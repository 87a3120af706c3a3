#include "daemon/plugin/library.hpp"
#include "daemon/plugin/probe.hpp"

#include <boost/json.hpp>
#include <locale.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>

namespace belfry::plugin {
namespace {

/// What belongs to the process as a whole and is no plugin's to change.
struct ProcessState {
    mode_t mask = 0;
    std::string directory, locale;
    sigset_t blocked{};

    ProcessState() {
        mask = umask(0);
        umask(mask);
        std::error_code error;
        directory = std::filesystem::current_path(error).string();
        const char* name = setlocale(LC_ALL, nullptr);  // NOLINT(concurrency-mt-unsafe)
        locale = name == nullptr ? "" : name;
        sigemptyset(&blocked);
        pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
    }

    [[nodiscard]] bool blocks_as(const ProcessState& other) const {
        for (int signal = 1; signal < NSIG; ++signal) {
            if (sigismember(&blocked, signal) != sigismember(&other.blocked, signal)) {
                return false;
            }
        }
        return true;
    }
};

Result<void> check_unchanged(const ProcessState& before) {
    const ProcessState after;
    const char* what = nullptr;
    if (after.mask != before.mask) {
        what = "umask";
    } else if (after.directory != before.directory) {
        what = "working directory";
    } else if (after.locale != before.locale) {
        what = "locale";
    } else if (!after.blocks_as(before)) {
        what = "signal mask";
    } else {
        return {};
    }
    return fail(Code::invalid, std::string("it changes the process's ") + what + " when loaded");
}

boost::json::object describe(const About& about) {
    return {{"name", about.name},
            {"version", about.version},
            {"kind", name_of(about.kind)},
            {"abi", {about.abi_major, about.abi_minor}},
            {"summary", about.summary}};
}

void print(int file, const std::string& line) {
    std::string_view rest = line;
    while (!rest.empty()) {
        const ssize_t written = write(file, rest.data(), rest.size());
        if (written <= 0) {
            return;
        }
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
}

}  // namespace

int run_probe(const std::string& path, const std::string& expected_name) {
    // Not the end of its parent, no core file for its crash, and an answer nobody else writes into.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    const int answer = dup(STDOUT_FILENO);
    dup2(STDERR_FILENO, STDOUT_FILENO);

    const ProcessState before;
    std::error_code error;
    const std::string absolute = std::filesystem::absolute(path, error).string();
    const auto loaded = load_library(absolute, expected_name);
    auto unchanged = check_unchanged(before);
    boost::json::object line;
    if (!loaded) {
        line["error"] = loaded.error().message;
    } else if (!unchanged) {
        line["error"] = unchanged.error().message;
    } else {
        line = describe(loaded->about);
    }
    print(answer, boost::json::serialize(line) + "\n");
    // Past the plugin's own destructors: what it does when unloaded is nobody's concern.
    _exit(line.contains("error") ? 1 : 0);
}

}  // namespace belfry::plugin
