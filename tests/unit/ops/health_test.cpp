#include "daemon/ops/health.hpp"

#include "daemon/ops/systemd.hpp"
#include "tests/unit/ops/world.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>

namespace belfry::test {
namespace {

/// Asks until the answer is this or half a minute has passed.
HttpAnswer wait_for(const World& world, const std::string& target, unsigned status) {
    const Nanos end = system_clock().monotonic() + 30 * kSecond;
    HttpAnswer answer;
    do {
        answer = world.call({.target = target});
    } while (answer.status != status && system_clock().monotonic() < end);
    return answer;
}

TEST(HealthTest, IsReadyOnceStartedAndProven) {
    const World world;
    EXPECT_EQ(world.call({.target = "/livez"}).body, "ok\n");
    const auto before = world.call({.target = "/readyz"});
    EXPECT_EQ(before.status, 503U);
    EXPECT_TRUE(before.body.contains("[-]storage failed: not proven yet\n")) << before.body;
    EXPECT_TRUE(before.body.contains("[-]started failed: still starting\n"));
    world.health->start();
    world.health->set_started();
    EXPECT_EQ(wait_for(world, "/readyz", 200).body, "ok\n");
    const auto verbose = world.call({.target = "/readyz?verbose"});
    EXPECT_EQ(verbose.body, "[+]loops ok\n[+]started ok\n[+]accepting ok\n[+]storage ok\nok\n");
    world.health->set_draining();
    const auto draining = world.call({.target = "/readyz"});
    EXPECT_EQ(draining.status, 503U);
    EXPECT_TRUE(draining.body.contains("[-]accepting failed: shutting down\n"));
    EXPECT_EQ(world.call({.target = "/livez"}).status, 200U);
}

TEST(HealthTest, IsNotReadyWithoutStorage) {
    World world;
    world.on_shard([&] {
        world.storage.commit_fault = [] {
            return CommitFault{{Code::unavailable, "the disk is full"}};
        };
    });
    world.health->start();
    world.health->set_started();
    const Nanos end = system_clock().monotonic() + 30 * kSecond;
    HttpAnswer answer;
    do {
        answer = world.call({.target = "/readyz"});
    } while (!answer.body.contains("[-]storage failed: write: the disk is full\n") &&
             system_clock().monotonic() < end);
    EXPECT_EQ(answer.status, 503U);
    EXPECT_TRUE(answer.body.contains("the disk is full"));
    EXPECT_TRUE(world.health->is_sound()) << "a minute without storage is no reason to restart";
}

TEST(HealthTest, WeighsInstancesByWhetherTheyAreRequired) {
    World world;
    world.on_shard([&] {
        world.instances = {{.name = "orders",
                            .plugin = "nats",
                            .kind = plugin::Kind::broker,
                            .required = false,
                            .state = plugin::State::failed,
                            .reason = "no route",
                            .violations = {}}};
    });
    world.health->start();
    world.health->set_started();
    EXPECT_EQ(wait_for(world, "/readyz?verbose", 200).status, 200U);
    EXPECT_TRUE(world.call({.target = "/readyz?verbose"})
                    .body.contains("[+]plugin orders ok: failed, ok: no route\n"))
        << world.call({.target = "/readyz?verbose"}).body;
    world.on_shard([&] { world.instances.front().required = true; });
    EXPECT_EQ(world.call({.target = "/readyz"}).status, 503U);
    world.on_shard([&] {
        world.instances.front().state = plugin::State::started;
        world.instances.front().health = plugin::Health::degraded;
    });
    EXPECT_EQ(world.call({.target = "/readyz"}).status, 200U);
    world.on_shard([&] { world.instances.front().health = plugin::Health::down; });
    EXPECT_EQ(world.call({.target = "/readyz"}).status, 200U) << "clients are served from storage";
    world.on_shard([&] { world.instances.front().kind = plugin::Kind::app; });
    EXPECT_EQ(world.call({.target = "/readyz"}).status, 503U);
}

TEST(HealthTest, PrintsMetrics) {
    const World world;
    world.call({.target = "/v1/me"});
    const auto metrics = world.call({.target = "/metrics"});
    EXPECT_EQ(metrics.status, 200U);
    EXPECT_TRUE(
        metrics.head.contains("content-type: text/plain; version=0.0.4; charset=utf-8\r\n"));
    for (const char* line :
         {"process_resident_memory_bytes ", "process_open_fds ", "process_start_time_seconds ",
          "process_cpu_seconds_total ", "belfry_build_info{version=\"",
          "belfry_operations_total{operation=\"users.me\",outcome=\"failed\"} 1\n",
          "belfry_ingest_queue_groups 0\n"}) {
        EXPECT_TRUE(metrics.body.contains(line)) << line << metrics.body;
    }
}

/// A loop that only turns when told.
TEST(HealthTest, SeesALoopThatStands) {
    class Still final : public Clock {
    public:
        [[nodiscard]] Nanos now() const override { return time; }
        [[nodiscard]] Nanos monotonic() const override { return time; }
        Nanos time = kSecond;
    };
    Still clock;
    World world;
    net::Loop loop(clock);
    ops::Health health({world.shards.front()->loop(),
                        *world.ingest,
                        world.storage,
                        clock,
                        world.metrics,
                        {&loop},
                        [] { return std::vector<plugin::InstanceStatus>{}; }});
    EXPECT_TRUE(health.live().front().is_ok);
    clock.time += 6 * kSecond;
    EXPECT_FALSE(health.live().front().is_ok);
    EXPECT_EQ(health.live().front().detail, "no turn of shard 0");
    EXPECT_FALSE(health.is_sound());
}

/// Stands in for the service manager.
class Manager {
public:
    Manager() {
        std::string pattern = (std::filesystem::temp_directory_path() / "belfry-XXXXXX").string();
        directory_ = mkdtemp(pattern.data());
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const std::string path = directory_ + "/notify";
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        ::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
        ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
    }
    Manager(const Manager&) = delete;
    Manager& operator=(const Manager&) = delete;
    ~Manager() {
        for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) {
            ::unsetenv(name);
        }
        std::filesystem::remove_all(directory_);
    }

    [[nodiscard]] std::string hear(int flags = 0) const {
        std::array<char, 512> text{};
        const auto size = ::recv(socket_.get(), text.data(), text.size(), flags);
        return {text.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
    }

private:
    net::Socket socket_{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    std::string directory_;
};

TEST(SystemdTest, TellsTheServiceManager) {
    ops::notify_ready("nobody listens");
    const Manager manager;
    ops::notify_ready("listening on 127.0.0.1:8480");
    EXPECT_EQ(manager.hear(), "READY=1\nSTATUS=listening on 127.0.0.1:8480");
    ops::notify_status("two\nlines");
    EXPECT_EQ(manager.hear(), "STATUS=two lines");
    ops::notify_stopping("draining");
    EXPECT_EQ(manager.hear(), "STOPPING=1\nSTATUS=draining");
    ops::notify_reloading(5'000'000);
    EXPECT_EQ(manager.hear(), "RELOADING=1\nMONOTONIC_USEC=5000");
}

TEST(SystemdTest, FeedsTheWatchdogWhileAllIsSound) {
    const Manager manager;
    ::setenv("WATCHDOG_USEC", "20000", 1);
    net::Shard core(0, system_clock());
    core.start();
    std::atomic<bool> is_sound{true};
    std::atomic<int> asked{0};
    const auto watchdog = std::make_shared<ops::Watchdog>(core.loop(), [&] {
        ++asked;
        return is_sound.load();
    });
    watchdog->start();
    EXPECT_EQ(manager.hear(), "WATCHDOG=1");
    EXPECT_EQ(manager.hear(), "WATCHDOG=1");
    is_sound = false;
    for (const int seen = asked; asked < seen + 3;) {
        std::this_thread::yield();
    }
    while (!manager.hear(MSG_DONTWAIT).empty()) {
    }
    for (const int seen = asked; asked < seen + 3;) {
        std::this_thread::yield();
    }
    EXPECT_EQ(manager.hear(MSG_DONTWAIT), "");
    core.stop();
}

TEST(SystemdTest, LeavesAWatchdogNobodyAskedForAlone) {
    const Manager manager;
    net::Shard core(0, system_clock());
    const auto watchdog = std::make_shared<ops::Watchdog>(core.loop(), [] { return true; });
    watchdog->start();
    core.start();
    core.stop();
    EXPECT_EQ(manager.hear(MSG_DONTWAIT), "");
}

}  // namespace
}  // namespace belfry::test
