#include "sdk/testkit/conformance/broker/command.hpp"

#include <belfry/testkit/ledger.hpp>

#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace belfry::conformance::broker {

void run_command(std::vector<std::string> command, std::chrono::seconds limit) {
    std::vector<char*> pointers;
    std::string name;
    for (auto& part : command) {
        pointers.push_back(part.data());
        name += (name.empty() ? "" : " ") + part;
    }
    pointers.push_back(nullptr);
    pid_t process = 0;
    if (::posix_spawnp(&process, pointers[0], nullptr, nullptr, pointers.data(), environ) != 0) {
        throw testkit::Failed(name + ": cannot be started");
    }
    const auto handle = static_cast<int>(::syscall(SYS_pidfd_open, process, 0));
    pollfd ended{handle, POLLIN, 0};
    const auto most = std::chrono::duration_cast<std::chrono::milliseconds>(limit).count();
    const bool is_late = ::poll(&ended, 1, static_cast<int>(most)) == 0;
    ::close(handle);
    if (is_late) {
        ::kill(process, SIGKILL);
    }
    int status = 0;
    ::waitpid(process, &status, 0);
    if (is_late) {
        throw testkit::Failed(name + ": did not end within " + std::to_string(limit.count()) +
                              " s");
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        throw testkit::Failed(name + ": failed with wait status " + std::to_string(status));
    }
}

}  // namespace belfry::conformance::broker
