#include "daemon/ops/process_metrics.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <system_error>

namespace belfry::ops {
namespace {

double resident_bytes() {
    std::ifstream statm("/proc/self/statm");
    std::uint64_t all = 0;
    std::uint64_t resident = 0;
    statm >> all >> resident;
    return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double open_descriptors() {
    std::error_code error;
    std::size_t count = 0;
    for (std::filesystem::directory_iterator at("/proc/self/fd", error), end; !error && at != end;
         at.increment(error)) {
        ++count;
    }
    return count == 0 ? 0 : static_cast<double>(count - 1);  // one was for looking
}

double cpu_seconds() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

}  // namespace

ProcessMetrics::ProcessMetrics(Metrics& metrics, const Clock& clock)
    : resident_(metrics.gauge("process_resident_memory_bytes", "Memory resident in RAM.")),
      descriptors_(metrics.gauge("process_open_fds", "Open file descriptors.")),
      cpu_(metrics.gauge("process_cpu_seconds_total", "CPU time spent, user and system.")) {
    metrics.gauge("process_start_time_seconds", "When the process started, Unix time.")
        .Set(static_cast<double>(clock.now()) / static_cast<double>(kSecond));
    metrics
        .gauge("belfry_build_info", "Always 1; the version is a label.",
               {{"version", BELFRY_VERSION}})
        .Set(1);
}

void ProcessMetrics::update() {
    resident_.Set(resident_bytes());
    descriptors_.Set(open_descriptors());
    cpu_.Set(cpu_seconds());
}

}  // namespace belfry::ops
