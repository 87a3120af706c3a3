#include "tests/bench/machine.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <system_error>
#include <vector>

namespace belfry::bench {
namespace {

std::unexpected<Error> failed(const std::string& what) {
    return fail(Code::unavailable, what + ": " + std::generic_category().message(errno));
}

}  // namespace

std::string Machine::describe() const {
    return server_core == load_core ? "server and load on one core"
                                    : "server on one core, load on another";
}

Result<Machine> find_machine() {
    cpu_set_t usable;
    if (sched_getaffinity(0, sizeof usable, &usable) != 0) {
        return failed("sched_getaffinity");
    }
    std::vector<int> cores;
    for (int core = 0; core < CPU_SETSIZE; ++core) {
        if (CPU_ISSET(core, &usable)) {
            cores.push_back(core);
        }
    }
    std::error_code error;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
    if (cores.empty() || error) {
        return fail(Code::unavailable, "the machine does not say what it has");
    }
    return Machine{cores.front(), cores.back(), program.parent_path().string()};
}

Result<> pin_to(int core) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0) {
        return failed("sched_setaffinity");
    }
    return {};
}

Result<> raise_descriptor_limit(std::size_t needed) {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return failed("setrlimit");
    }
    if (limit.rlim_max < needed) {
        return fail(Code::unavailable, "limit of open files: expected at least " +
                                           std::to_string(needed) + ", found " +
                                           std::to_string(limit.rlim_max));
    }
    return {};
}

Result<std::uint16_t> find_port() {
    const auto socket = net::listen_on("127.0.0.1:0");
    if (!socket) {
        return std::unexpected(socket.error());
    }
    sockaddr_in address{};
    socklen_t size = sizeof address;
    if (getsockname(socket->get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        return failed("getsockname");
    }
    return ntohs(address.sin_port);
}

Result<net::Socket> connect_to(std::uint16_t port, bool is_blocking) {
    net::Socket socket(
        ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | (is_blocking ? 0 : SOCK_NONBLOCK), 0));
    if (!socket.is_open()) {
        return failed("socket");
    }
    const int one = 1;
    setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
        errno != EINPROGRESS) {
        return failed("connect to port " + std::to_string(port));
    }
    return socket;
}

void progress(const std::string& text) { std::cerr << text << '\n'; }

}  // namespace belfry::bench
