// Stands for the daemon's own executable: `<this> probe FILE [NAME]`.
#include "daemon/plugin/probe.hpp"

#include <string>

// A sanitizer would turn a plugin's signal into an exit of its own.
extern "C" const char* __asan_default_options();  // NOLINT(bugprone-reserved-identifier)
extern "C" const char* __asan_default_options() { return "handle_segv=0:detect_leaks=0"; }
extern "C" const char* __tsan_default_options();  // NOLINT(bugprone-reserved-identifier)
extern "C" const char* __tsan_default_options() { return "handle_segv=0:handle_abort=0"; }

int main(int count, char** arguments) {
    if (count < 3 || std::string(arguments[1]) != "probe") {
        return 2;
    }
    return belfry::plugin::run_probe(arguments[2], count > 3 ? arguments[3] : "");
}
