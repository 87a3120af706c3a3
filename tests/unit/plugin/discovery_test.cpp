#include "daemon/plugin/discovery.hpp"

#include "tests/unit/plugin/support.hpp"

#include <sys/stat.h>
#include <unistd.h>

namespace belfry::plugin::test {
namespace {

using testing::HasSubstr;

/// Two directories with a good plugin in the second.
class Discovery : public testing::Test {
protected:
    Discovery() { write_file(second_.path("good.so"), read_file(plugin_path("good"))); }

    std::string refusal(const std::string& name = "good") {
        const auto found = find_plugin(directories_, name);
        if (!found) {
            return found.error().message;
        }
        const auto checked = check_file(*found);
        return checked ? "" : checked.error().message;
    }

    TempDirectory first_, second_;
    std::vector<std::string> directories_{first_.path(), second_.path()};
};

TEST_F(Discovery, FindsASoundPlugin) { EXPECT_EQ(refusal(), ""); }

TEST_F(Discovery, TheFirstDirectoryWins) {
    write_file(first_.path("good.so"), "text");
    EXPECT_THAT(refusal(), HasSubstr(first_.path("good.so") + ": not an ELF file"));
}

TEST_F(Discovery, NamesEveryPathTried) {
    const std::string error = refusal("absent");
    EXPECT_THAT(error, HasSubstr(first_.path("absent.so") + ", " + second_.path("absent.so")));
}

TEST_F(Discovery, SaysThatNoDirectoryIsConfigured) {
    directories_.clear();
    EXPECT_THAT(refusal(), HasSubstr("no plugin directory is configured"));
}

TEST_F(Discovery, RefusesNamesThatLeaveTheDirectory) {
    for (const char* name : {"", "..", "../good", "a/b", "/etc/passwd", "Good", "1good", "-good",
                             "good.so", "good ", "g\xc3\xb6od"}) {
        EXPECT_THAT(refusal(name), HasSubstr("not a plugin's name")) << name;
    }
    EXPECT_THAT(refusal(std::string(65, 'a')), HasSubstr("not a plugin's name"));
}

TEST_F(Discovery, RefusesADirectory) {
    ASSERT_TRUE(std::filesystem::create_directory(first_.path("good.so")));
    EXPECT_THAT(refusal(), HasSubstr("good.so: not a regular file"));
}

TEST_F(Discovery, RefusesAPipeWithoutWaiting) {
    ASSERT_EQ(mkfifo(first_.path("good.so").c_str(), 0600), 0);
    EXPECT_THAT(refusal(), HasSubstr("good.so: not a regular file"));
}

TEST_F(Discovery, RefusesAnEmptyFile) {
    write_file(first_.path("good.so"), "");
    EXPECT_THAT(refusal(), HasSubstr("the file is empty"));
}

TEST_F(Discovery, RefusesALinkToNowhere) {
    std::filesystem::create_symlink("nowhere.so", first_.path("good.so"));
    EXPECT_THAT(refusal(), HasSubstr(first_.path("good.so") + ": No such file"));
}

TEST_F(Discovery, RefusesALinkToItself) {
    std::filesystem::create_symlink("good.so", first_.path("good.so"));
    EXPECT_THAT(refusal(), HasSubstr("Too many levels of symbolic links"));
}

TEST_F(Discovery, RefusesALinkOutOfTheDirectory) {
    std::filesystem::create_symlink(plugin_path("good"), first_.path("good.so"));
    EXPECT_THAT(refusal(), HasSubstr("leads out of its directory, to " + plugin_path("good")));
}

TEST_F(Discovery, FollowsALinkInsideTheDirectory) {
    std::filesystem::rename(second_.path("good.so"), second_.path("good-1.so"));
    std::filesystem::create_symlink("good-1.so", second_.path("good.so"));
    EXPECT_EQ(refusal(), "");
}

TEST_F(Discovery, RefusesAFileThatOthersMayWrite) {
    for (const mode_t mode : {0664U, 0646U}) {
        ASSERT_EQ(chmod(second_.path("good.so").c_str(), mode), 0);
        EXPECT_THAT(refusal(), HasSubstr("good.so: writable by group or others"));
    }
}

TEST_F(Discovery, RefusesADirectoryThatOthersMayWrite) {
    for (const mode_t mode : {0770U, 0707U}) {
        ASSERT_EQ(chmod(second_.path().c_str(), mode), 0);
        EXPECT_THAT(refusal(), HasSubstr(second_.path() + ": writable by group or others"));
    }
}

TEST_F(Discovery, RefusesAStrangersFile) {
    if (geteuid() != 0) {
        GTEST_SKIP() << "only root can give files away";
    }
    ASSERT_EQ(chown(second_.path("good.so").c_str(), 12345, 12345), 0);
    EXPECT_THAT(refusal(), HasSubstr("owned by user 12345: expected root"));
}

TEST_F(Discovery, ListsWhatLooksLikeAPlugin) {
    write_file(first_.path("a-1.so"), "");
    write_file(first_.path("good.so"), "");
    write_file(first_.path("libfoo.so.1"), "");
    write_file(first_.path("Readme.so"), "");
    directories_.push_back("/nonexistent");
    const auto found = find_plugins(directories_);
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].name, "a-1");
    EXPECT_EQ(found[1].path, first_.path("good.so"));
}

}  // namespace
}  // namespace belfry::plugin::test
