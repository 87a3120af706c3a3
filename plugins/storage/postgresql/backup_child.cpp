#include "plugins/storage/postgresql/backup_child.hpp"

#include <belfry/types.hpp>

#include <fcntl.h>
#include <libpq-fe.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <memory>
#include <string_view>
#include <system_error>

namespace belfry::postgresql {

namespace {

using sdk::Failure;
using sdk::Status;

constexpr std::size_t kKept = 4'096;

/// Everything that says where the database is, and the password, by the environment: the command
/// line can be read by all users of the machine.
std::vector<std::string> environment_of(const Options& options) {
    std::vector<std::string> environment;
    for (char** one = ::environ; *one != nullptr; ++one) {
        environment.emplace_back(*one);
    }
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed(
        PQconninfoParse(options.conninfo().c_str(), nullptr), PQconninfoFree);
    const auto* option = parsed.get();
    for (; option != nullptr && option->keyword != nullptr; ++option) {
        if (option->val != nullptr && option->envvar != nullptr) {
            const std::string name = std::string(option->envvar) + "=";
            std::erase_if(environment, [&](const auto& one) { return one.starts_with(name); });
            environment.push_back(name + option->val);
        }
    }
    return environment;
}

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (const auto& text : texts) {
        pointers.push_back(const_cast<char*>(text.c_str()));
    }
    pointers.push_back(nullptr);
    return pointers;
}

/// How the child begins: with no descriptor but its own three, and no signal blocked or ignored.
class Setup {
public:
    explicit Setup(int error_output) {
        posix_spawn_file_actions_init(&actions_);
        posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDWR, 0);
        posix_spawn_file_actions_adddup2(&actions_, STDIN_FILENO, STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&actions_, error_output, STDERR_FILENO);
        posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
        posix_spawnattr_init(&attributes_);
        sigset_t signals;
        sigfillset(&signals);
        posix_spawnattr_setsigdefault(&attributes_, &signals);
        sigemptyset(&signals);
        posix_spawnattr_setsigmask(&attributes_, &signals);
        posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    }
    ~Setup() {
        posix_spawn_file_actions_destroy(&actions_);
        posix_spawnattr_destroy(&attributes_);
    }
    Setup(const Setup&) = delete;
    Setup& operator=(const Setup&) = delete;

    [[nodiscard]] const posix_spawn_file_actions_t* actions() const { return &actions_; }
    [[nodiscard]] const posix_spawnattr_t* attributes() const { return &attributes_; }

private:
    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

std::string last_line(std::string_view text) {
    while (text.ends_with('\n')) {
        text.remove_suffix(1);
    }
    return std::string(text.substr(text.rfind('\n') + 1));
}

/// Until its writers are gone -> the last line.
std::string read_all(int file) {
    std::string text;
    std::array<char, kKept> block{};
    for (;;) {
        const auto size = ::read(file, block.data(), block.size());
        if (size < 0 && errno == EINTR) {
            continue;
        }
        if (size <= 0) {
            ::close(file);
            return last_line(text);
        }
        text.append(block.data(), static_cast<std::size_t>(size));
        text.erase(0, text.size() - std::min(text.size(), kKept));
    }
}

}  // namespace

void BackupChild::run(const Options& options, const std::string& file) {
    const int errors = spawn({"pg_dump", "--format=custom", "--no-password",
                              "--schema=\"" + options.schema + "\"", "--file=" + file},
                             environment_of(options));
    const auto line = read_all(errors);
    const int status = wait();
    if (const std::lock_guard lock(mutex_); is_stopped_) {
        throw Failure(Status::closed, "backup: the storage is stopping");
    }
    if (status != 0) {
        throw Failure(Status::unavailable,
                      line.empty() ? "pg_dump: ended with status " + std::to_string(status) : line);
    }
}

int BackupChild::spawn(const std::vector<std::string>& arguments,
                       const std::vector<std::string>& environment) {
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0) {
        throw Failure(Status::unavailable,
                      "backup: no pipe: " + std::generic_category().message(errno));
    }
    int error = 0;
    {
        const std::lock_guard lock(mutex_);
        const Setup setup(pipe[1]);
        error = is_stopped_ ? ECANCELED
                            : ::posix_spawnp(&process_, arguments.front().c_str(), setup.actions(),
                                             setup.attributes(), pointers_to(arguments).data(),
                                             pointers_to(environment).data());
        process_ = error == 0 ? process_ : 0;
    }
    ::close(pipe[1]);
    if (error == 0) {
        return pipe[0];
    }
    ::close(pipe[0]);
    if (error == ENOENT) {
        throw Failure(Status::refused,
                      "backup: expected the program pg_dump in PATH, found none; it comes with"
                      " PostgreSQL's client");
    }
    throw Failure(error == ECANCELED ? Status::closed : Status::unavailable,
                  "backup: pg_dump cannot be run: " + std::generic_category().message(error));
}

int BackupChild::wait() {
    siginfo_t info{};
    while (::waitid(P_PID, static_cast<id_t>(process_), &info, WEXITED | WNOWAIT) != 0 &&
           errno == EINTR) {
    }
    const std::lock_guard lock(mutex_);  // its number is nobody else's until it is waited for
    int status = -1;
    ::waitpid(process_, &status, 0);
    process_ = 0;
    return status;
}

void BackupChild::stop() {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
    if (process_ != 0) {
        ::kill(process_, SIGTERM);
    }
}

}  // namespace belfry::postgresql
