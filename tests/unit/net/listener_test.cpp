#include "tests/unit/net/support.hpp"

#include <dirent.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <fstream>

namespace belfry::net::test {
namespace {

void answer(const Request& request, Exchange exchange) {
    exchange.respond({.headers = {}, .body = request.peer});
}

std::size_t open_descriptors() {
    std::size_t count = 0;
    DIR* folder = opendir("/proc/self/fd");
    while (readdir(folder) != nullptr) {  // NOLINT(concurrency-mt-unsafe)
        ++count;
    }
    closedir(folder);
    return count;
}

TEST(ListenOn, TakesAFreePort) {
    for (const char* address : {"127.0.0.1:0", "[::1]:0"}) {
        const auto socket = listen_on(address);
        ASSERT_TRUE(socket) << socket.error().message;
        const std::string bound = local_address(*socket);
        EXPECT_TRUE(bound.starts_with(std::string(address, std::string(address).size() - 1)))
            << bound;
        EXPECT_FALSE(bound.ends_with(":0"));
    }
}

TEST(ListenOn, RefusesAPortInUse) {
    const auto first = listen_on("127.0.0.1:0");
    const std::string address = local_address(*first);
    const auto second = listen_on(address);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Code::unavailable);
    EXPECT_NE(second.error().message.find(address), std::string::npos) << second.error().message;
}

TEST(ListenOn, RefusesWhatIsNoAddress) {
    for (const char* address :
         {"", "127.0.0.1", ":", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:70000", "127.0.0.1:-1",
          "127.0.0.1:+80", "127.0.0.1: 80", "127.0.0.1:80x", "localhost:80", "1.2.3:x", "[::1:80",
          "unix:", "256.0.0.1:80"}) {
        const auto socket = listen_on(address);
        ASSERT_FALSE(socket) << address;
        EXPECT_EQ(socket.error().code, Code::invalid) << address;
    }
    EXPECT_EQ(listen_on("unix:/" + std::string(200, 'a')).error().code, Code::invalid);
    EXPECT_EQ(listen_on("unix:/no/such/folder/s").error().code, Code::unavailable);
}

class UnixSocketTest : public testing::Test {
protected:
    UnixSocketTest() { unlink(path_.c_str()); }
    ~UnixSocketTest() override { unlink(path_.c_str()); }
    std::string path_ =
        testing::TempDir() + "belfry-net-listen-" + std::to_string(getpid()) + ".sock";
};

TEST_F(UnixSocketTest, ServesAndIsClosedToOthers) {
    const Server server(answer, {}, 1, 100, "unix:" + path_);
    EXPECT_EQ(server.address, "unix:" + path_);
    struct stat info{};
    ASSERT_EQ(stat(path_.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0660U);
    Client client = server.connect();
    client.send(get("/"));
    EXPECT_EQ(body_of(client.response()), "unix");
}

TEST_F(UnixSocketTest, ReplacesAStaleOne) {
    {
        const auto first = listen_on("unix:" + path_);
    }
    struct stat info{};
    ASSERT_EQ(stat(path_.c_str(), &info), 0);
    EXPECT_TRUE(listen_on("unix:" + path_));
}

TEST_F(UnixSocketTest, LeavesALiveOne) {
    const auto first = listen_on("unix:" + path_);
    const auto second = listen_on("unix:" + path_);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Code::conflict);
    EXPECT_TRUE(Client("unix:" + path_).descriptor() >= 0);
}

TEST_F(UnixSocketTest, LeavesALiveOneWhoseQueueIsFull) {
    sockaddr_un local{};
    local.sun_family = AF_UNIX;
    path_.copy(local.sun_path, sizeof local.sun_path - 1);
    const Socket busy(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(bind(busy.get(), reinterpret_cast<sockaddr*>(&local), sizeof local), 0);
    ASSERT_EQ(listen(busy.get(), 0), 0);
    const Client waiting("unix:" + path_);
    const auto second = listen_on("unix:" + path_);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Code::conflict);
}

TEST_F(UnixSocketTest, LeavesAFileThatIsNoSocket) {
    std::ofstream(path_) << "precious";
    EXPECT_EQ(listen_on("unix:" + path_).error().code, Code::conflict);
    EXPECT_TRUE(std::ifstream(path_).good());
}

TEST(Listener, SharesItsConnectionsAmongTheShards) {
    const Server server(answer, {}, 3);
    std::vector<Client> clients;
    for (int i = 0; i < 9; ++i) {
        clients.push_back(server.connect());
        clients.back().send(get("/"));
        EXPECT_EQ(body_of(clients.back().response()), "127.0.0.1");
    }
    for (const auto& shard : server.shards) {
        EXPECT_EQ(shard->connections(), 3U);
    }
}

TEST(Listener, RefusesWhatIsTooMuchAndRecovers) {
    const Server server(answer, {}, 1, 2);
    Client first = server.connect();
    const Client second = server.connect();
    ASSERT_TRUE(server.reaches(2));
    Client third = server.connect();
    const std::string refused = third.rest();
    EXPECT_EQ(status_of(refused), "503");
    EXPECT_NE(refused.find("retry-after: 1"), std::string::npos);
    first.close();
    ASSERT_TRUE(server.reaches(1));
    Client fourth = server.connect();
    fourth.send(get("/"));
    EXPECT_EQ(status_of(fourth.response()), "200");
}

TEST(Listener, StopRefusesFurtherConnectionsAndKeepsThoseThereAre) {
    const Server server(answer);
    Client client = server.connect();
    ASSERT_TRUE(server.reaches(1));
    server.listener->stop();
    EXPECT_TRUE(listen_on(server.address));
    client.send(get("/"));
    EXPECT_EQ(status_of(client.response()), "200");
}

TEST(Listener, RestsWithoutDescriptorsAndGoesOn) {
    Server server(answer);
    Client waiting = server.connect();
    ASSERT_TRUE(server.reaches(1));
    rlimit before{};
    getrlimit(RLIMIT_NOFILE, &before);
    Client late = server.connect();  // accepted or not, its own descriptor is there
    ASSERT_TRUE(server.reaches(2));
    const Socket reserve(dup(late.descriptor()));
    const rlimit none{.rlim_cur = 3, .rlim_max = before.rlim_max};
    Socket knocking(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    setrlimit(RLIMIT_NOFILE, &none);
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    getsockname(server.listener->socket().get(), reinterpret_cast<sockaddr*>(&address), &length);
    ASSERT_EQ(connect(knocking.get(), reinterpret_cast<sockaddr*>(&address), length), 0);
    const std::uint64_t turns = server.shards.front()->loop().turns();
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    EXPECT_LT(server.shards.front()->loop().turns() - turns, 60U) << "the loop spins";
    setrlimit(RLIMIT_NOFILE, &before);
    EXPECT_TRUE(server.reaches(3));
}

TEST(Listener, ManyConnectionsLeaveNothingBehind) {
    const Server server(answer, {}, 2);
    const std::size_t before = open_descriptors();
    for (int round = 0; round < 10; ++round) {
        std::vector<Client> clients;
        for (int i = 0; i < 100; ++i) {
            clients.push_back(server.connect());
            clients.back().send(i % 3 == 0   ? get("/")
                                : i % 3 == 1 ? "GET / HT"
                                             : "rubbish\r\n\r\n");
        }
        for (std::size_t i = 0; i < clients.size(); i += 3) {
            EXPECT_EQ(status_of(clients[i].response()), "200");
        }
        for (std::size_t i = 0; i < clients.size(); i += 2) {
            clients[i].reset();
        }
    }
    EXPECT_TRUE(server.reaches(0));
    EXPECT_EQ(open_descriptors(), before);
}

}  // namespace
}  // namespace belfry::net::test
