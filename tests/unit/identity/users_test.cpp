#include "daemon/identity/users.hpp"

#include "tests/unit/identity/support.hpp"

#include <gtest/gtest.h>

namespace belfry::test {
namespace {

class UsersTest : public ::testing::Test {
protected:
    Result<User> create(const std::string& name, const std::string& password,
                        std::vector<std::string> roles = {}) {
        return await<User>([&](Callback<User> done) {
            world_.users.create({name, password, std::move(roles)}, std::move(done));
        });
    }
    Result<LoggedIn> log_in(const std::string& name, const std::string& password) {
        return await<LoggedIn>(
            [&](Callback<LoggedIn> done) { world_.users.log_in(name, password, std::move(done)); });
    }

    UsersWorld world_;
};

TEST_F(UsersTest, RegistersAndLogsIn) {
    const auto created = create("alice", "correct horse", {"producer"});
    ASSERT_TRUE(created) << created.error().message;
    EXPECT_EQ(created->created_at, kNow);
    const auto login = log_in("alice", "correct horse");
    ASSERT_TRUE(login) << login.error().message;
    const auto principal = world_.tokens.verify(login->token.text);
    ASSERT_TRUE(principal);
    EXPECT_EQ(principal->id, "alice");
    EXPECT_EQ(principal->roles, std::vector<std::string>{"producer"});
    const auto found =
        await<User>([&](Callback<User> done) { world_.users.get("alice", std::move(done)); });
    ASSERT_TRUE(found);
    EXPECT_EQ(found->roles, std::vector<std::string>{"producer"});
}

TEST_F(UsersTest, KeepsNoPasswordInTheStorage) {
    ASSERT_TRUE(create("alice", "correct horse"));
    const auto stored = await<Document>([&](Callback<Document> done) {
        world_.storage.get("users", "alice", world_.core.loop(), std::move(done));
    });
    ASSERT_TRUE(stored);
    EXPECT_FALSE(stored->document.contains("correct horse"));
    EXPECT_TRUE(stored->document.contains("$argon2id$"));
}

TEST_F(UsersTest, RefusesATakenName) {
    ASSERT_TRUE(create("alice", "correct horse"));
    const auto again = create("alice", "another horse");
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, Code::conflict);
    EXPECT_TRUE(log_in("alice", "correct horse"));
}

TEST_F(UsersTest, RefusesWhatCannotBeAUser) {
    for (const auto& [name, password, pointer] :
         {std::tuple{"", "correct horse", "/name"},
          {"a b", "correct horse", "/name"},
          {"a\"b", "correct horse", "/name"},
          {"bob", "short", "/password"},
          {"bob", "\xff\xff\xff\xff\xff\xff\xff\xff", "/password"}}) {
        const auto created = create(name, password);
        ASSERT_FALSE(created) << name;
        EXPECT_EQ(created.error().code, Code::invalid);
        EXPECT_EQ(created.error().pointer, pointer);
    }
    EXPECT_EQ(create(std::string(201, 'a'), "correct horse").error().pointer, "/name");
    EXPECT_EQ(create("bob", std::string(1025, 'x')).error().pointer, "/password");
    EXPECT_EQ(create("bob", "correct horse", {"ok", "Not Ok"}).error().pointer, "/roles/1");
    EXPECT_FALSE(create("bob", "correct horse", std::vector<std::string>(33, "r")));
}

TEST_F(UsersTest, TellsNothingOfWhoExists) {
    ASSERT_TRUE(create("alice", "correct horse"));
    const auto wrong = log_in("alice", "wrong horse");
    const auto unknown = log_in("nobody", "wrong horse");
    const auto impossible = log_in("no body", "wrong horse");
    const auto huge = log_in("alice", std::string(100'000, 'x'));
    for (const auto* result : {&wrong, &unknown, &impossible, &huge}) {
        ASSERT_FALSE(*result);
        EXPECT_EQ(result->error().code, Code::unauthenticated);
        EXPECT_EQ(result->error().message, wrong.error().message);
    }
}

TEST_F(UsersTest, SlowsDownGuessingPerAccount) {
    ASSERT_TRUE(create("alice", "correct horse"));
    ASSERT_TRUE(create("bob", "correct horse"));
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(log_in("alice", "wrong horse").error().code, Code::unauthenticated);
    }
    const auto limited = log_in("alice", "correct horse");
    ASSERT_FALSE(limited);
    EXPECT_EQ(limited.error().code, Code::limited);
    EXPECT_EQ(limited.error().retry_after, kSecond);
    EXPECT_TRUE(log_in("bob", "correct horse"));
    world_.clock.moved = kSecond;
    EXPECT_TRUE(log_in("alice", "correct horse"));
    EXPECT_EQ(log_in("alice", "wrong horse").error().code, Code::unauthenticated);
}

TEST_F(UsersTest, RenewsAHashMadeWithOtherParameters) {
    ASSERT_TRUE(create("alice", "correct horse"));
    auto settings = cheap_passwords();
    settings.memory *= 2;
    const auto stronger = Passwords::make(settings);
    ASSERT_TRUE(stronger);
    Users users({world_.core.loop(), world_.ingest, world_.storage, world_.clock, **stronger,
                 world_.tokens});
    const auto commits = world_.storage.commits();
    const auto login = await<LoggedIn>(
        [&](Callback<LoggedIn> done) { users.log_in("alice", "correct horse", std::move(done)); });
    ASSERT_TRUE(login);
    const auto read = [&] {
        return await<Document>([&](Callback<Document> done) {
                   world_.storage.get("users", "alice", world_.core.loop(), std::move(done));
               })
            ->document;
    };
    while (world_.storage.commits() == commits) {
        std::this_thread::yield();
    }
    EXPECT_TRUE(read().contains("m=128")) << read();
}

TEST(PasswordsTest, RefusesBeyondItsQueue) {
    net::Shard core(0, system_clock());
    core.start();
    auto settings = cheap_passwords();
    settings.threads = 1;
    settings.queue = 2;
    settings.memory = 8 << 20U;
    std::vector<std::promise<Result<std::string>>> promises(12);
    const auto passwords = std::move(Passwords::make(settings).value());
    for (auto& promise : promises) {
        passwords->hash("correct horse", core.loop(),
                        [&](Result<std::string> hash) { promise.set_value(std::move(hash)); });
    }
    std::size_t refused = 0;
    for (auto& promise : promises) {
        const auto hash = promise.get_future().get();
        refused += hash ? 0 : 1;
        if (!hash) {
            EXPECT_EQ(hash.error().code, Code::unavailable);
            EXPECT_EQ(hash.error().retry_after, kSecond);
        }
    }
    EXPECT_GE(refused, 1U);
    EXPECT_LE(refused, 10U);
}

TEST(PasswordsTest, IsNotMadeWhereItCannotHash) {
    auto settings = cheap_passwords();
    settings.memory = 1024;
    const auto passwords = Passwords::make(settings);
    ASSERT_FALSE(passwords);
    EXPECT_EQ(passwords.error().code, Code::unavailable);
    EXPECT_TRUE(passwords.error().message.contains("memory 1024")) << passwords.error().message;
}

TEST(ThrottleTest, DoublesUpToAQuarterOfAnHour) {
    FixedClock clock;
    Throttle throttle(clock);
    for (int i = 0; i < 5; ++i) {
        EXPECT_TRUE(throttle.begin("alice"));
    }
    for (const Nanos wait : {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900}) {
        const auto begun = throttle.begin("alice");
        ASSERT_FALSE(begun);
        EXPECT_EQ(begun.error().retry_after, wait * kSecond);
        clock.moved += wait * kSecond;
        EXPECT_TRUE(throttle.begin("alice"));
    }
    EXPECT_TRUE(throttle.begin("bob"));
    throttle.forgive("alice");
    EXPECT_TRUE(throttle.begin("alice"));
}

TEST(ThrottleTest, IsBounded) {
    FixedClock clock;
    Throttle throttle(clock, 10);
    for (int i = 0; i < 5; ++i) {
        EXPECT_TRUE(throttle.begin("alice"));
    }
    clock.moved += kSecond;
    for (int i = 0; i < 1000; ++i) {
        EXPECT_TRUE(throttle.begin(std::to_string(i)));
    }
    EXPECT_TRUE(throttle.begin("alice"));
    const auto limited = throttle.begin("alice");
    ASSERT_FALSE(limited) << "five failures are remembered longer than one";
    EXPECT_EQ(limited.error().retry_after, 2 * kSecond);
}

TEST(ThrottleTest, ForgetsNobodyWhoHasToWait) {
    FixedClock clock;
    Throttle throttle(clock, 3);
    for (const char* name : {"alice", "bob", "carol"}) {
        for (int i = 0; i < 5; ++i) {
            EXPECT_TRUE(throttle.begin(name));
        }
        clock.moved += kSecond / 4;
    }
    const auto limited = throttle.begin("dave");
    ASSERT_FALSE(limited);
    EXPECT_EQ(limited.error().code, Code::limited);
    EXPECT_EQ(limited.error().retry_after, kSecond / 4);
    clock.moved += kSecond / 4;
    EXPECT_TRUE(throttle.begin("dave"));
    EXPECT_FALSE(throttle.begin("carol"));
}

TEST(ThrottleTest, HoldsNoTryThatWasNotMade) {
    FixedClock clock;
    Throttle throttle(clock, 2);
    EXPECT_TRUE(throttle.begin("alice"));
    EXPECT_TRUE(throttle.begin("bob"));
    throttle.take_back("bob");
    EXPECT_TRUE(throttle.begin("carol"));
    for (int i = 0; i < 4; ++i) {
        EXPECT_TRUE(throttle.begin("alice"));
    }
    EXPECT_FALSE(throttle.begin("alice")) << "carol took bob's place, not alice's";
}

}  // namespace
}  // namespace belfry::test
