#include "tests/unit/ops/world.hpp"

#include "daemon/base/random.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <stdexcept>

namespace belfry::test {
namespace {

void require(const Result<>& result) {
    if (!result) {
        throw std::runtime_error(result.error().message);
    }
}

net::Socket connect_to(std::uint16_t port) {
    net::Socket socket(::socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        throw std::runtime_error("connect failed");
    }
    return socket;
}

std::uint16_t port_of(const std::string& address) {
    std::uint16_t port = 0;
    const auto colon = address.rfind(':');
    std::from_chars(address.data() + colon + 1, address.data() + address.size(), port);
    return port;
}

std::string to_text(const HttpCall& call) {
    std::string text =
        call.method + ' ' + call.target + " HTTP/1.1\r\nhost: x\r\nconnection: close\r\n";
    if (!call.token.empty()) {
        text += "authorization: Bearer " + call.token + "\r\n";
    }
    if (call.method != "GET") {
        if (!call.content_type.empty()) {
            text += "content-type: " + call.content_type + "\r\n";
        }
        text += "content-length: " + std::to_string(call.body.size()) + "\r\n";
    }
    return text + call.more_headers + "\r\n" + call.body;
}

std::string read_all(const net::Socket& socket) {
    std::string text;
    std::array<char, 65536> buffer{};
    for (;;) {
        const auto count = ::recv(socket.get(), buffer.data(), buffer.size(), 0);
        if (count <= 0) {
            return text;
        }
        text.append(buffer.data(), static_cast<std::size_t>(count));
    }
}

}  // namespace

World::World(bool is_registration_open, const net::HttpLimits& limits) : limits_(limits) {
    directory_ = (std::filesystem::temp_directory_path() / "belfry-XXXXXX").string();
    if (::mkdtemp(directory_.data()) == nullptr) {
        throw std::runtime_error("mkdtemp failed");
    }
    shards.push_back(std::make_unique<net::Shard>(0, system_clock()));
    Executor& core = shards.front()->loop();
    ingest = std::make_unique<Ingest>(core, storage, system_clock(), IngestSettings{}, metrics,
                                      [](const auto&) {});
    config::IdentitySettings settings;
    settings.tokens.issuer = settings.tokens.audience = "belfry";
    settings.tokens.lifetime = 3600 * kSecond;
    settings.passwords = {
        .memory = 64 * 1024, .passes = 1, .threads = 1, .queue = 64, .min_length = 8};
    settings.is_registration_open = is_registration_open;
    identity = std::move(
        Identity::make(settings, std::string(32, 's'), {core, *ingest, storage, system_clock()})
            .value());
    mailbox = std::make_unique<Mailbox>(*ingest, storage, system_clock(), system_random(),
                                        MailboxLimits{});
    operations = std::make_unique<ops::Operations>(metrics);
    require(ops::add_core_operations(
        *operations,
        {*identity, *mailbox, {storage, system_clock(), directory_ + "/backups"}, sources}));
    apps = std::make_unique<ops::AppDoor>(*operations, *ingest, core);
    health = std::make_shared<ops::Health>(ops::HealthParts{core,
                                                            *ingest,
                                                            storage,
                                                            system_clock(),
                                                            metrics,
                                                            {&shards.front()->loop()},
                                                            [this] { return instances; },
                                                            [this] { return source_checks; }});
    for (auto [router, trust] : {std::pair{&public_router_, ops::Trust::bearer},
                                 std::pair{&control_router_, ops::Trust::control}}) {
        require(ops::add_operation_routes(*router, *operations, *identity, trust));
        require(ops::add_openapi_route(*router, *operations));
        require(ops::add_admin_routes(*router, health, metrics, system_clock()));
    }
    public_port_ = port_of(listen(public_router_, "127.0.0.1:0"));
    control_port_ = port_of(listen(control_router_, "127.0.0.1:0"));
    listen(control_router_, "unix:" + control_socket());
    shards.front()->start();
}

World::~World() {
    health->stop();
    for (const auto& listener : listeners_) {
        listener->stop();
    }
    std::promise<void> idle;
    ingest->close([&idle] { idle.set_value(); });
    idle.get_future().wait();
    shards.front()->stop();
    std::filesystem::remove_all(directory_);
}

std::string World::listen(net::Router& router, const std::string& address) {
    auto socket = net::listen_on(address);
    if (!socket) {
        throw std::runtime_error(socket.error().message);
    }
    std::string bound = net::local_address(*socket);
    net::ConnectionSettings settings;
    settings.http = limits_;
    settings.handler = [&router](net::Request request, net::Exchange exchange) {
        router.dispatch(std::move(request), std::move(exchange));
    };
    listeners_.push_back(
        std::make_unique<net::Listener>(shards, std::move(*socket), settings, 100, metrics));
    listeners_.back()->start();
    return bound;
}

HttpAnswer World::exchange(std::uint16_t port, const HttpCall& call) {
    const net::Socket socket = connect_to(port);
    const std::string text = to_text(call);
    ::send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL);
    std::string answer = read_all(socket);
    const auto end = answer.find("\r\n\r\n");
    if (end == std::string::npos || answer.size() < 12) {
        return {};
    }
    HttpAnswer parsed{0, answer.substr(0, end + 2), answer.substr(end + 4)};
    std::from_chars(answer.data() + 9, answer.data() + 12, parsed.status);
    std::ranges::transform(parsed.head, parsed.head.begin(),
                           [](char byte) { return static_cast<char>(std::tolower(byte)); });
    return parsed;
}

void World::on_shard(const std::function<void()>& change) const {
    std::promise<void> done;
    shards.front()->loop().post([&] {
        change();
        done.set_value();
    });
    done.get_future().wait();
}

std::string World::token(const std::string& user, std::vector<std::string> roles) const {
    return identity->tokens().issue({PrincipalKind::user, user, std::move(roles)}).text;
}

}  // namespace belfry::test
