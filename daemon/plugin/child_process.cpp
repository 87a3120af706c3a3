#include "daemon/plugin/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>

extern char** environ;  // NOLINT(readability-redundant-declaration)

namespace belfry::plugin {
namespace {

constexpr int kRounds = 64;    ///< reads before the clock is looked at again
constexpr int kLookEvery = 5;  ///< milliseconds between looks at the process itself

std::unexpected<Error> failed(const std::string& what, int error) {
    return fail(Code::unavailable, what + ": " + std::generic_category().message(error));
}

/// The reading end, without blocking, and the child's end.
class Pipe {
public:
    Pipe() = default;
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    ~Pipe() {
        close_end(0);
        close_end(1);
    }

    [[nodiscard]] bool open() {
        return pipe2(ends_.data(), O_CLOEXEC) == 0 && fcntl(ends_[0], F_SETFL, O_NONBLOCK) == 0;
    }
    void close_end(std::size_t end) {
        if (ends_.at(end) >= 0) {
            close(ends_.at(end));
        }
        ends_.at(end) = -1;
    }
    [[nodiscard]] int read_end() const { return ends_[0]; }
    [[nodiscard]] int write_end() const { return ends_[1]; }

    /// What is there now, or a part of it where more keeps coming. Closes the reading end at the
    /// end of the stream.
    void drain(std::string& into) {
        std::array<char, 4096> chunk{};
        for (int round = 0; round < kRounds && ends_[0] >= 0; ++round) {
            const ssize_t got = read(ends_[0], chunk.data(), chunk.size());
            if (got < 0) {
                return;
            }
            if (got == 0) {
                close_end(0);
                return;
            }
            const std::size_t room = kMaxChildOutput - std::min(kMaxChildOutput, into.size());
            into.append(chunk.data(), std::min(room, static_cast<std::size_t>(got)));
        }
    }

private:
    std::array<int, 2> ends_{-1, -1};
};

/// posix_spawn's two objects, set up as run_child promises.
class SpawnSetup {
public:
    SpawnSetup(const Pipe& output, const Pipe& errors) {
        posix_spawn_file_actions_init(&files_);
        posix_spawn_file_actions_addopen(&files_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_adddup2(&files_, output.write_end(), STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&files_, errors.write_end(), STDERR_FILENO);
        posix_spawnattr_init(&attributes_);
        sigset_t set;
        sigemptyset(&set);
        posix_spawnattr_setsigmask(&attributes_, &set);
        sigfillset(&set);
        posix_spawnattr_setsigdefault(&attributes_, &set);
        posix_spawnattr_setpgroup(&attributes_, 0);
        posix_spawnattr_setflags(
            &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    }
    SpawnSetup(const SpawnSetup&) = delete;
    SpawnSetup& operator=(const SpawnSetup&) = delete;
    ~SpawnSetup() {
        posix_spawn_file_actions_destroy(&files_);
        posix_spawnattr_destroy(&attributes_);
    }

    [[nodiscard]] int run(const std::vector<std::string>& arguments, pid_t& child) const {
        std::vector<char*> pointers;
        pointers.reserve(arguments.size() + 1);
        for (const std::string& argument : arguments) {
            pointers.push_back(const_cast<char*>(argument.c_str()));
        }
        pointers.push_back(nullptr);
        return posix_spawn(&child, pointers.front(), &files_, &attributes_, pointers.data(),
                           environ);
    }

private:
    posix_spawn_file_actions_t files_{};
    posix_spawnattr_t attributes_{};
};

bool has_ended(pid_t child) {
    siginfo_t info{};
    // The process stays a zombie, so that its number and its group's are still its own.
    return waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
           info.si_pid == child;
}

/// False when the time was up.
bool watch(pid_t child, Nanos limit, Pipe& output, Pipe& errors, ChildResult& result) {
    const Nanos deadline = system_clock().monotonic() + limit;
    while (!has_ended(child)) {
        if (system_clock().monotonic() >= deadline) {
            return false;
        }
        std::array<pollfd, 2> waiting{pollfd{output.read_end(), POLLIN, 0},
                                      pollfd{errors.read_end(), POLLIN, 0}};
        poll(waiting.data(), waiting.size(), kLookEvery);
        output.drain(result.output);
        errors.drain(result.errors);
    }
    return true;
}

std::string signal_name(int number) {
    const char* name = sigabbrev_np(number);
    return name == nullptr ? "signal " + std::to_string(number) : std::string("SIG") + name;
}

}  // namespace

Result<ChildResult> run_child(const std::vector<std::string>& arguments, Nanos limit) {
    Pipe output;
    Pipe errors;
    if (!output.open() || !errors.open()) {
        return failed("pipe", errno);
    }
    pid_t child = 0;
    if (const int error = SpawnSetup(output, errors).run(arguments, child); error != 0) {
        return failed(arguments.front(), error);
    }
    output.close_end(1);
    errors.close_end(1);

    ChildResult result;
    const bool is_in_time = watch(child, limit, output, errors, result);
    kill(-child, SIGKILL);
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) {
            return failed("waitpid", errno);
        }
    }
    output.drain(result.output);
    errors.drain(result.errors);
    if (!is_in_time) {
        result.end = ChildResult::End::timeout;
    } else if (WIFSIGNALED(status)) {
        result.end = ChildResult::End::signal;
        result.signal_name = signal_name(WTERMSIG(status));
    } else {
        result.exit_code = WEXITSTATUS(status);
    }
    return result;
}

}  // namespace belfry::plugin
