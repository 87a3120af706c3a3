#include "tests/bench/child.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fstream>
#include <system_error>
#include <thread>
#include <utility>

namespace belfry::bench {
namespace {

constexpr int kExitNotStarted = 127;

/// Between fork and exec: only what is safe there.
[[noreturn]] void become(char* const* arguments, int core, const char* log, pid_t parent) {
    sigset_t none;
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, nullptr);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setpgid(0, 0);  // the terminal's signals are for the parent, which ends its children in order
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    sched_setaffinity(0, sizeof set, &set);
    if (log != nullptr) {
        const int file = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        dup2(file, STDOUT_FILENO);
        dup2(file, STDERR_FILENO);
    }
    if (getppid() == parent) {
        execv(arguments[0], arguments);
    }
    _exit(kExitNotStarted);
}

}  // namespace

Result<Child> Child::start(const std::vector<std::string>& arguments, int core,
                           const std::string& log) {
    if (access(arguments.front().c_str(), X_OK) != 0) {
        return fail(Code::not_found,
                    arguments.front() + ": not there, or not a program; build it first");
    }
    std::vector<char*> pointers;
    std::ranges::transform(
        arguments, std::back_inserter(pointers),
        [](const std::string& argument) { return const_cast<char*>(argument.c_str()); });
    pointers.push_back(nullptr);
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid < 0) {
        return fail(Code::unavailable, "fork: " + std::generic_category().message(errno));
    }
    if (pid == 0) {
        become(pointers.data(), core, log.empty() ? nullptr : log.c_str(), parent);
    }
    return Child(pid, arguments.front());
}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), status_(other.status_), name_(std::move(other.name_)) {}

Child& Child::operator=(Child&& other) noexcept {
    std::swap(pid_, other.pid_);
    std::swap(status_, other.status_);
    std::swap(name_, other.name_);
    return *this;
}

Child::~Child() {
    if (is_running()) {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
}

bool Child::is_running() {
    if (pid_ > 0 && waitpid(pid_, &status_, WNOHANG) != 0) {
        pid_ = -1;
    }
    return pid_ > 0;
}

std::string Child::ending() {
    if (is_running()) {
        return {};
    }
    return WIFSIGNALED(status_)
               ? name_ + " was ended by signal " + std::to_string(WTERMSIG(status_))
               : name_ + " ended with " + std::to_string(WEXITSTATUS(status_));
}

Result<> Child::stop(Nanos limit) {
    if (!is_running()) {
        return fail(Code::closed, ending() + " before it was stopped");
    }
    kill(pid_, SIGTERM);
    const Nanos deadline = system_clock().monotonic() + limit;
    while (is_running()) {
        if (system_clock().monotonic() > deadline) {
            return fail(Code::unavailable, name_ + " does not stop after SIGTERM");
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    const bool is_by_signal = WIFSIGNALED(status_) && WTERMSIG(status_) == SIGTERM;
    if (status_ != 0 && !is_by_signal) {
        return fail(Code::closed, ending());
    }
    return {};
}

Result<std::size_t> Child::resident_bytes() const {
    std::ifstream statm("/proc/" + std::to_string(pid_) + "/statm");
    std::size_t total = 0;
    std::size_t resident = 0;
    if (!(statm >> total >> resident)) {
        return fail(Code::unavailable, name_ + ": its memory cannot be read");
    }
    return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace belfry::bench
