#include "tests/unit/ops/world.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

namespace belfry::test {
namespace {

HttpCall backup(const std::string& body, const std::string& token = {}) {
    return {.method = "POST", .target = "/v1/storage/backups", .body = body, .token = token};
}

TEST(StorageOperationsTest, TellsHowSafeWhatIsStoredIs) {
    const World world;
    const auto answer = world.control({.target = "/v1/storage"});
    EXPECT_EQ(answer.status, 200U);
    const auto stats = boost::json::parse(answer.body);
    EXPECT_EQ(stats.at("durable"), false);
    EXPECT_EQ(stats.at("durability"), "none: memory");
    EXPECT_EQ(stats.at("entries"), 0);
}

TEST(StorageOperationsTest, AreForAdmins) {
    const World world;
    EXPECT_EQ(world.call({.target = "/v1/storage"}).status, 401U);
    EXPECT_EQ(world.call({.target = "/v1/storage", .token = world.token("ann")}).status, 403U);
    EXPECT_EQ(world.call(backup("{}", world.token("ann", {"producer"}))).status, 403U);
}

TEST(StorageOperationsTest, TakesNoPathForABackup) {
    const World world;
    for (const char* name : {"../x", "/tmp/x", "a/b", "", "..", ".hidden", "a b"}) {
        const auto answer = world.control(backup(R"({"name":")" + std::string(name) + "\"}"));
        EXPECT_EQ(answer.status, 422U) << name << ": " << answer.body;
    }
}

TEST(StorageOperationsTest, PassesOnWhyThereIsNoBackup) {
    const World world;
    const auto answer = world.control(backup(R"({"name":"copy"})"));
    EXPECT_EQ(answer.status, 403U);
    EXPECT_TRUE(answer.body.contains("backups/copy")) << answer.body;
}

}  // namespace
}  // namespace belfry::test
