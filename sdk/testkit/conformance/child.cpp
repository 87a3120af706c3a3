#include "sdk/testkit/conformance/child.hpp"

#include <belfry/testkit/ledger.hpp>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <utility>

namespace belfry::conformance {

Child::Child(std::vector<std::string> arguments) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw testkit::Failed("no pipe");
    }
    output_ = ends[0];
    std::vector<char*> pointers;
    pointers.reserve(arguments.size() + 1);
    for (auto& argument : arguments) {
        pointers.push_back(argument.data());
    }
    pointers.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    const int error =
        ::posix_spawn(&process_, "/proc/self/exe", &actions, nullptr, pointers.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    if (error != 0) {
        throw testkit::Failed("the kit cannot be started again");
    }
}

Child::~Child() {
    (void)kill();
    ::close(output_);
}

bool Child::listen(const Hear& hear, Clock::time_point end) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
    pollfd waiting{output_, POLLIN, 0};
    if (left <= 0 || ::poll(&waiting, 1, static_cast<int>(left)) == 0) {
        return true;
    }
    return read(hear);
}

void Child::listen_to_the_end(const Hear& hear) {
    while (read(hear)) {
    }
}

int Child::kill() {
    if (process_ == 0) {
        return 0;
    }
    ::kill(process_, SIGKILL);
    int status = 0;
    ::waitpid(std::exchange(process_, 0), &status, 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

bool Child::read(const Hear& hear) {
    std::array<char, 65'536> bytes{};
    const auto count = ::read(output_, bytes.data(), bytes.size());
    if (count <= 0) {
        return false;
    }
    text_.append(bytes.data(), static_cast<std::size_t>(count));
    for (auto end = text_.find('\n'); end != std::string::npos; end = text_.find('\n')) {
        hear(text_.substr(0, end));
        text_.erase(0, end + 1);
    }
    return true;
}

void say(std::string line) {
    line += '\n';
    if (::write(STDOUT_FILENO, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
        throw testkit::Failed("nobody listens");
    }
}

}  // namespace belfry::conformance
