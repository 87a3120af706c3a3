#include "tests/unit/storage_sqlite/child.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <exception>

namespace belfry::storage_test {

pid_t spawn(const std::function<int()>& body) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::alarm(60);
        int code = 99;
        try {
            code = body();
        } catch (const std::exception& error) {
            std::fputs(error.what(), stderr);
        }
        ::_exit(code);
    }
    return child;
}

int exit_code(pid_t child) {
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace belfry::storage_test
