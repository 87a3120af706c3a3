#include "daemon/plugin/probe.hpp"

#include "daemon/plugin/child_process.hpp"
#include "tests/unit/plugin/support.hpp"

#include <sys/wait.h>

namespace belfry::plugin::test {
namespace {

using testing::HasSubstr;

Result<About> try_plugin(const std::string& name, Nanos limit = 30 * kSecond) {
    return probe(BELFRY_PROBE_HELPER, {name, plugin_path(name), BELFRY_TEST_PLUGIN_DIR}, limit);
}

/// A plugin of tests/plugins, and what the reason for refusing it says.
using Case = std::pair<const char*, const char*>;

class BrokenPlugin : public testing::TestWithParam<Case> {};

TEST_P(BrokenPlugin, IsRefusedWithFileAndReason) {
    const auto [name, reason] = GetParam();
    const auto about = try_plugin(name);
    ASSERT_FALSE(about);
    EXPECT_THAT(about.error().message, testing::StartsWith(plugin_path(name) + ": "));
    EXPECT_THAT(about.error().message, HasSubstr(reason));
    EXPECT_EQ(about.error().message.find('\n'), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    Probe, BrokenPlugin,
    testing::Values(
        Case{"newer-major",
             "built for plugin ABI 2.0, this daemon has 1.0: it is newer than the daemon"},
        Case{"older-major", "built for plugin ABI 0.0, this daemon has 1.0: build it against"},
        Case{"newer-minor", "needs plugin ABI 1.7 or later, this daemon has 1.0: it is newer"},
        Case{"short-descriptor", "its descriptor has 24 bytes"},
        Case{"huge-descriptor", "its descriptor has 4294967295 bytes"},
        Case{"no-descriptor", "no descriptor and no reason"},
        Case{"gives-reason", "it refused to load: the moon is not full"},
        Case{"no-symbol", "belfry_plugin_v1"}, Case{"bad-name", "it calls itself \"../bad\""},
        Case{"other-name", "it calls itself \"good\": expected \"other-name\""},
        Case{"unknown-kind", "its kind is 99"}, Case{"not-utf8", "its summary is not UTF-8"},
        Case{"no-lifecycle", "it has no life cycle"},
        Case{"no-stop", "its life cycle is not complete"},
        Case{"short-lifecycle", "its life cycle is not complete"},
        Case{"no-table", "it has no table of functions"},
        Case{"empty-table", "its table offers nothing of: routes, dialects, step"},
        Case{"short-table", "its table offers nothing of: routes, dialects, step"},
        Case{"half-broker", "its table lacks the function cancel"},
        Case{"bare-storage", "its table lacks the function find"},
        Case{"no-json-schema", "its configuration schema: "},
        Case{"odd-schema", "its configuration schema: "},
        Case{"odd-source", "its schema of a source: "},
        Case{"empty-schema", "its configuration schema: "},
        Case{"crash-constructor", "crashed while it was loaded: SIGSEGV"},
        Case{"crash-entry", "crashed while it was loaded: SIGSEGV"},
        Case{"aborts", "crashed while it was loaded: SIGABRT"},
        Case{"throws-static", "crashed while it was loaded: SIGABRT"},
        Case{"throws-entry", "thrown by the entry function"},
        Case{"exits", "ended the process while it was loaded, with exit code 3"},
        Case{"exits-well", "ended the process while it was loaded, with exit code 0"},
        Case{"changes-umask", "it changes the process's umask when loaded"},
        Case{"changes-directory", "it changes the process's working directory"},
        Case{"unresolved", "undefined symbol: nobody_has_this"}),
    [](const testing::TestParamInfo<Case>& param) {
        std::string name = param.param.first;
        std::erase(name, '-');
        return name;
    });

TEST(Probe, DescribesASoundPlugin) {
    const auto about = try_plugin("good");
    ASSERT_TRUE(about) << about.error().message;
    EXPECT_EQ(about->name, "good");
    EXPECT_EQ(about->version, "1.2.3");
    EXPECT_EQ(about->summary, "For tests");
    EXPECT_EQ(about->kind, Kind::app);
    EXPECT_EQ(about->abi_major, BF_ABI_MAJOR);
    EXPECT_EQ(about->abi_minor, BF_ABI_MINOR);
}

TEST(Probe, AcceptsAPluginBuiltWithALaterMinorThatItDoesNotNeed) {
    const auto about = try_plugin("later-minor");
    ASSERT_TRUE(about) << about.error().message;
    EXPECT_EQ(about->abi_minor, BF_ABI_MINOR + 7);
}

TEST(Probe, AcceptsAnOlderTable) { EXPECT_TRUE(try_plugin("old-storage")); }

TEST(Probe, IsNotFooledByWhatAPluginPrints) {
    const auto about = try_plugin("talks");
    ASSERT_TRUE(about) << about.error().message;
    EXPECT_EQ(about->name, "talks");
}

TEST(Probe, KillsWhatHangs) {
    const auto about = try_plugin("hangs", 300 * kMillisecond);
    ASSERT_FALSE(about);
    EXPECT_THAT(about.error().message, HasSubstr("did not load within 300 ms: it was killed"));
}

TEST(Probe, KillsWhatFloods) {
    const auto about = try_plugin("floods", 300 * kMillisecond);
    ASSERT_FALSE(about);
    EXPECT_THAT(about.error().message, HasSubstr("did not load within 300 ms"));
    EXPECT_LT(about.error().message.size(), 1000U);
}

TEST(Probe, DoesNotWaitForWhatAPluginLeavesRunning) { EXPECT_TRUE(try_plugin("leaves-child")); }

TEST(Probe, LeavesNoChildBehind) {
    for (const char* name : {"good", "crash-entry", "leaves-child"}) {
        static_cast<void>(try_plugin(name));
    }
    static_cast<void>(try_plugin("hangs", 100 * kMillisecond));
    EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
    EXPECT_EQ(errno, ECHILD);
}

TEST(Probe, SaysThatTheProgramIsMissing) {
    const auto about = probe("/nonexistent/belfryd", {"good", plugin_path("good"), ""}, kSecond);
    ASSERT_FALSE(about);
    EXPECT_THAT(about.error().message, HasSubstr("the probe cannot be run: /nonexistent/belfryd"));
}

TEST(Probe, RefusesAnAnswerThatIsNoDescription) {
    const PluginFile file{"good", plugin_path("good"), ""};
    const auto about = probe("/bin/echo", file, 10 * kSecond);
    ASSERT_FALSE(about);
    EXPECT_THAT(about.error().message, HasSubstr("with exit code 0"));
}

TEST(ChildProcess, KeepsTheBeginningOfAllItSays) {
    const auto child = run_child(
        {"/bin/sh", "-c", "head -c 1000000 /dev/zero; echo oh >&2; exit 7"}, 30 * kSecond);
    ASSERT_TRUE(child);
    EXPECT_EQ(child->output.size(), kMaxChildOutput);
    EXPECT_EQ(child->errors, "oh\n");
    EXPECT_EQ(child->exit_code, 7);
}

}  // namespace
}  // namespace belfry::plugin::test
