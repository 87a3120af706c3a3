#include "tests/bench/storage_machine.hpp"

#include "tests/bench/daemon.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace belfry::bench {
namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kPages = 1024;

std::unexpected<Error> failed(const std::string& what) {
    return fail(Code::unavailable, what + ": " + std::generic_category().message(errno));
}

bool write_page(int file, std::size_t at) {
    static const std::array<char, kPage> page{};
    return ::pwrite(file, page.data(), kPage, static_cast<off_t>(at * kPage)) ==
           static_cast<ssize_t>(kPage);
}

/// Of a file that has all its blocks.
Result<Samples> time_flushes(int file) {
    for (std::size_t at = 0; at < kPages; ++at) {
        if (!write_page(file, at)) {
            return failed("write");
        }
    }
    if (::fsync(file) != 0) {
        return failed("fsync");
    }
    Samples samples;
    for (std::size_t at = 0; at < kPages; ++at) {
        const Nanos begin = system_clock().monotonic();
        if (!write_page(file, at) || ::fdatasync(file) != 0) {
            return failed("fdatasync");
        }
        samples.add(system_clock().monotonic() - begin);
    }
    return samples;
}

}  // namespace

Result<BothCores> BothCores::use(const Machine& machine) {
    cpu_set_t before;
    cpu_set_t both;
    CPU_ZERO(&both);
    CPU_SET(machine.server_core, &both);
    CPU_SET(machine.load_core, &both);
    if (sched_getaffinity(0, sizeof before, &before) != 0 ||
        sched_setaffinity(0, sizeof both, &both) != 0) {
        return failed("sched_setaffinity");
    }
    return BothCores(before);
}

BothCores::BothCores(BothCores&& other) noexcept
    : before_(other.before_), is_mine_(std::exchange(other.is_mine_, false)) {}

BothCores::~BothCores() {
    if (is_mine_) {
        sched_setaffinity(0, sizeof before_, &before_);
    }
}

Result<Samples> time_flushes() {
    const auto scratch = Scratch::make();
    if (!scratch) {
        return std::unexpected(scratch.error());
    }
    const int file = ::open(scratch->file("flush").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) {
        return failed("open");
    }
    auto samples = time_flushes(file);
    ::close(file);
    return samples;
}

}  // namespace belfry::bench
