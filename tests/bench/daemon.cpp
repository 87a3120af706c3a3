#include "tests/bench/daemon.hpp"

#include "daemon/base/random.hpp"
#include "tests/bench/publisher.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

namespace belfry::bench {
namespace {

namespace fs = std::filesystem;

constexpr Nanos kStartTime = 20 * kSecond;
constexpr Nanos kStopTime = 40 * kSecond;
constexpr Nanos kTokenLife = 3600 * kSecond;

struct Ports {
    std::uint16_t client = 0;
    std::uint16_t admin = 0;
};

std::string make_profile(const Machine& machine, const Scratch& scratch, Ports ports,
                         const NodeOptions& options) {
    const std::string sqlite =
        "storage: {plugin: sqlite, config: {path: " + scratch.file("belfry.db") +
        ", synchronous: full}}\n";
    return "node: " + options.node +
           "\n"
           "state: " +
           scratch.file("") +
           "\n"
           "log: {level: warning, format: text}\n"
           "engine: {shards: 1}\n"
           "listeners:\n"
           "  - {name: public, address: \"127.0.0.1:" +
           std::to_string(ports.client) +
           "\", serves: [api, deliveries]}\n"
           "admin: {address: \"127.0.0.1:" +
           std::to_string(ports.admin) +
           "\"}\n"
           "control: {socket: " +
           scratch.file("belfry.sock") +
           "}\n"
           "identity: {tokens: {secret: \"file:" +
           scratch.file("secret") +
           "\"}}\n"
           "plugins: {directories: [\"" +
           machine.folder + "/../../plugins\"]}\n" +
           (options.sections.empty() ? sqlite : options.sections) +
           "deliveries: {websocket: {plugin: websocket}}\n";
}

Result<> write_file(const std::string& path, std::string_view content) {
    std::ofstream out(path, std::ios::binary);
    out << content;
    out.close();
    if (!out) {
        return fail(Code::unavailable, path + ": cannot be written");
    }
    std::error_code error;
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write, error);
    return {};
}

/// What the admin listener says; 0 where it does not answer.
unsigned ask_ready(std::uint16_t port) {
    const auto socket = connect_to(port, true);
    if (!socket) {
        return 0;
    }
    const timeval longest{.tv_sec = 1, .tv_usec = 0};
    setsockopt(socket->get(), SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest);
    constexpr std::string_view kRequest = "GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    ::send(socket->get(), kRequest.data(), kRequest.size(), MSG_NOSIGNAL);
    std::array<char, 4096> answer{};
    const auto got = ::recv(socket->get(), answer.data(), answer.size(), 0);
    return got <= 0 ? 0 : first_response({answer.data(), static_cast<std::size_t>(got)}).status;
}

Result<> wait_until_ready(Child& child, std::uint16_t admin_port) {
    constexpr unsigned kReady = 200;
    const Nanos deadline = system_clock().monotonic() + kStartTime;
    unsigned status = 0;
    while (system_clock().monotonic() < deadline) {
        if (!child.is_running()) {
            return fail(Code::unavailable, "the daemon ended at its start");
        }
        status = ask_ready(admin_port);
        if (status == kReady) {
            return {};
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return fail(Code::unavailable,
                "the daemon does not become ready; its last answer: " + std::to_string(status));
}

std::string make_secret() {
    constexpr std::size_t kSecretBytes = 48;
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::vector<std::uint8_t> bytes(kSecretBytes);
    system_random().fill(bytes);
    std::string secret;
    for (const std::uint8_t byte : bytes) {
        secret += kDigits[byte >> 4U];
        secret += kDigits[byte & 0xfU];
    }
    return secret;
}

}  // namespace

std::string user_name(std::size_t number) { return "bench-" + std::to_string(number); }

Result<Scratch> Scratch::make() {
    std::string path = "/var/tmp/belfry-bench-XXXXXX";
    if (mkdtemp(path.data()) == nullptr) {
        return fail(Code::unavailable, "no folder can be made in /var/tmp");
    }
    return Scratch(std::move(path));
}

Scratch::~Scratch() {
    if (!path_.empty()) {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
}

std::string Scratch::file(std::string_view name) const { return path_ + '/' + std::string(name); }

Daemon::Daemon(Scratch scratch, Child child, std::uint16_t port, std::string secret)
    : scratch_(std::move(scratch)), child_(std::move(child)), port_(port),
      secret_(std::move(secret)) {}

Result<Daemon> Daemon::start(const Machine& machine, const NodeOptions& options) {
    auto scratch = Scratch::make();
    const auto client = find_port();
    const auto admin = find_port();
    if (!scratch || !client || !admin) {
        return std::unexpected(!scratch ? scratch.error() : (!client ? client : admin).error());
    }
    const std::string secret = options.secret.empty() ? make_secret() : options.secret;
    auto written = write_file(scratch->file("secret"), secret);
    if (written) {
        written = write_file(scratch->file("belfry.yaml"),
                             make_profile(machine, *scratch, {*client, *admin}, options));
    }
    if (!written) {
        return std::unexpected(written.error());
    }
    auto child = Child::start(
        {machine.folder + "/../../daemon/belfryd", "--config", scratch->file("belfry.yaml")},
        machine.server_core, scratch->file("log"));
    if (!child) {
        return std::unexpected(child.error());
    }
    Daemon daemon(std::move(*scratch), std::move(*child), *client, secret);
    if (auto ready = wait_until_ready(daemon.child_, *admin); !ready) {
        return std::unexpected(daemon.explain(std::move(ready.error())));
    }
    return daemon;
}

Error Daemon::explain(Error error) {
    constexpr std::size_t kShown = 2000;
    std::ifstream file(scratch_.file("log"), std::ios::binary);
    const std::string said(std::istreambuf_iterator<char>(file), {});
    if (const std::string ending = child_.ending(); !ending.empty()) {
        error.message += '\n' + ending;
    }
    if (!said.empty()) {
        error.message +=
            "\nthe daemon said:\n" + said.substr(said.size() - std::min(kShown, said.size()));
    }
    return error;
}

std::string Daemon::issue(PrincipalKind kind, std::string id) const {
    const Tokens tokens(
        {.issuer = "belfry", .audience = "belfry", .secret = secret_, .lifetime = kTokenLife},
        system_clock());
    Principal principal{.kind = kind, .id = std::move(id), .roles = {}};
    if (kind == PrincipalKind::service) {
        principal.roles.emplace_back(kRoleProducer);
    }
    return tokens.issue(principal).text;
}

std::string Daemon::user_token(std::size_t number) const {
    return issue(PrincipalKind::user, user_name(number));
}

std::string Daemon::producer_token() const { return issue(PrincipalKind::service, "bench"); }

Script Daemon::script(std::string stream) const {
    return {.port = port_,
            .path = "/v1/ws",
            .protocol = "belfry.v1",
            .bearer = [this](std::size_t number) { return user_token(number); },
            .is_greeted = true,
            .stream = std::move(stream),
            .entry = R"({"op":"entry")"};
}

Result<> Daemon::stop() {
    auto stopped = child_.stop(kStopTime);
    return stopped ? stopped : std::unexpected(explain(std::move(stopped.error())));
}

Result<Figures> with_daemon(const Machine& machine,
                            const std::function<Result<Figures>(Daemon&)>& measure) {
    auto daemon = Daemon::start(machine);
    if (!daemon) {
        return std::unexpected(daemon.error());
    }
    auto figures = measure(*daemon);
    if (!figures) {
        return std::unexpected(daemon->explain(std::move(figures.error())));
    }
    const auto stopped = daemon->stop();
    return stopped ? std::move(figures) : std::unexpected(stopped.error());
}

}  // namespace belfry::bench
