#include "daemon/plugin/plugin_host.hpp"
#include "tests/unit/plugin/support.hpp"

namespace belfry::plugin::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// Loading: what goes wrong before anything is started.
class HostLoad : public HostTest {
protected:
    std::string error_of(const config::InstanceConfig& wanted, Kind kind = Kind::app) {
        const auto loaded = load({wanted}, kind);
        return loaded ? "" : loaded.error().message;
    }
};

TEST_F(HostLoad, LoadsAPlugin) {
    EXPECT_EQ(error_of(instance("one", "good")), "");
    EXPECT_EQ(status().state, State::loaded);
    EXPECT_EQ(host_->apps().size(), 1U);
    EXPECT_EQ(host_->storage(), nullptr);
    EXPECT_EQ(host_->broker("one"), nullptr);
}

TEST_F(HostLoad, NamesWhatIsMissing) {
    EXPECT_THAT(error_of(instance("one", "absent")),
                AllOf(HasSubstr("instance one: plugin absent not found; tried"),
                      HasSubstr(std::string(BELFRY_TEST_PLUGIN_DIR) + "/absent.so")));
    EXPECT_EQ(status().state, State::failed);
    EXPECT_EQ(host_->health(), Health::down);
}

TEST_F(HostLoad, RefusesTheWrongKind) {
    EXPECT_THAT(error_of(instance("storage", "good"), Kind::storage),
                HasSubstr("good.so: a plugin of kind app: expected storage"));
}

TEST_F(HostLoad, DoesNotLoadWhatTheProbeRefuses) {
    EXPECT_THAT(error_of(instance("one", "crash-entry")),
                HasSubstr("crash-entry.so: crashed while it was loaded: SIGSEGV"));
}

TEST_F(HostLoad, DoesNotProbeWhatTheFileChecksRefuse) {
    settings_.probe_program = "/nonexistent";
    EXPECT_THAT(error_of(instance("one", "no-symbol")), HasSubstr("does not export"));
}

TEST_F(HostLoad, ReportsEveryFaultOfAConfiguration) {
    EXPECT_THAT(error_of(instance("one", "rogue", "wait: soon\nchek: x\n")),
                AllOf(HasSubstr("test.yaml:1:7: apps.one.config.wait: "),
                      HasSubstr("test.yaml:2:1: apps.one.config.chek: "), HasSubstr("check")));
}

TEST_F(HostLoad, PassesOnWhyAConfigurationIsRefused) {
    EXPECT_THAT(
        error_of(instance("one", "rogue", "check: refuse")),
        HasSubstr(
            "instance one: plugin rogue: it refuses its configuration: the moon is not full"));
}

TEST_F(HostLoad, PassesOnWhyAnInstanceIsNotCreated) {
    EXPECT_THAT(error_of(instance("one", "rogue", "create: refuse")),
                HasSubstr("it cannot be created: no room"));
    EXPECT_THAT(error_of(instance("two", "rogue", "create: silent")),
                HasSubstr("it cannot be created, without a reason"));
    EXPECT_THAT(error_of(instance("three", "throws-constructor"), Kind::push),
                HasSubstr("it cannot be created: no port to sail to"));
}

TEST_F(HostLoad, SurvivesExceptionsThroughTheAbi) {
    EXPECT_THAT(error_of(instance("one", "rogue", "check: throw")), HasSubstr("threw check"));
    EXPECT_THAT(error_of(instance("two", "rogue", "create: throw")), HasSubstr("threw create"));
}

TEST_F(HostLoad, GoesOnWithoutAnOptionalPlugin) {
    const auto loaded =
        load({instance("one", "absent", "", false), instance("two", "good")}, Kind::app);
    EXPECT_TRUE(loaded);
    EXPECT_EQ(status("one").state, State::failed);
    EXPECT_EQ(status("one").health, Health::degraded);
    EXPECT_EQ(status("two").state, State::loaded);
    ASSERT_TRUE(start());
    EXPECT_EQ(host_->health(), Health::degraded);
}

TEST_F(HostLoad, NamesEveryRequiredPluginThatFails) {
    const auto loaded = load({instance("one", "absent"), instance("two", "aborts")}, Kind::app);
    ASSERT_FALSE(loaded);
    EXPECT_THAT(loaded.error().message, AllOf(HasSubstr("absent"), HasSubstr("SIGABRT")));
}

TEST_F(HostLoad, LoadsAWholeProfile) {
    make_host();
    config::Profile profile;
    profile.storage = instance("storage", "rogue-storage");
    profile.brokers.push_back(instance("main", "parrot-broker"));
    profile.deliveries.push_back(instance("echo", "echo-transport"));
    profile.apps.push_back(instance("face", "face"));
    const auto loaded = host_->load(profile);
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_NE(host_->storage(), nullptr);
    EXPECT_NE(host_->broker("main"), nullptr);
    EXPECT_EQ(host_->broker("face"), nullptr);
    ASSERT_EQ(host_->transports().size(), 1U);
    EXPECT_EQ(host_->transports()[0]->name(), "echo");
    EXPECT_EQ(host_->apps().size(), 1U);
    ASSERT_TRUE(start());
    EXPECT_EQ(host_->health(), Health::ok);
}

TEST_F(HostLoad, DescribesInstancesAndWhatElseIsThere) {
    TempDirectory directory;
    write_file(directory.path("good.so"), read_file(plugin_path("good")));
    write_file(directory.path("face.so"), read_file(plugin_path("face")));
    write_file(directory.path("broken.so"), "text");
    settings_.directories = {directory.path()};
    ASSERT_TRUE(load({instance("one", "good")}, Kind::app));
    const auto rows = host_->describe();
    ASSERT_EQ(rows.size(), 3U);
    EXPECT_EQ(rows[0].instance, "one");
    EXPECT_EQ(rows[0].about.version, "1.2.3");
    EXPECT_EQ(rows[0].state, State::loaded);
    EXPECT_EQ(rows[1].about.name, "broken");
    EXPECT_EQ(rows[1].state, State::failed);
    EXPECT_THAT(rows[1].reason, HasSubstr("not an ELF file"));
    EXPECT_EQ(rows[2].about.name, "face");
    EXPECT_EQ(rows[2].state, State::probed);
    EXPECT_EQ(rows[2].file, directory.path("face.so"));
}

/// `step` of the first application.
class HostRun : public HostTest {
protected:
    Result<std::string> step(const std::string& name, const std::string& input = "in",
                             std::size_t app = 0) {
        Waiter<std::string> waiter;
        host_->apps().at(app)->step(name, input, home_, waiter.callback());
        return waiter.get();
    }
};

TEST_F(HostRun, GivesThePluginItsConfigurationWithDefaultsAndSecrets) {
    environment_.variable = [](const std::string& name) -> std::optional<std::string> {
        return name == "WORD" ? std::optional<std::string>("sesame") : std::nullopt;
    };
    run("rogue", Kind::app, "secret: ${WORD}\nstart: ok");
    EXPECT_EQ(step("config").value(), R"({"secret":"sesame","start":"ok","wait":5000000000})");
}

TEST_F(HostRun, RunsTwoInstancesOfOnePlugin) {
    ASSERT_TRUE(load({instance("one", "rogue", "wait: 1s"), instance("two", "rogue", "wait: 2s")},
                     Kind::app));
    ASSERT_TRUE(start());
    EXPECT_EQ(step("config", "", 0).value(), R"({"wait":1000000000})");
    EXPECT_EQ(step("config", "", 1).value(), R"({"wait":2000000000})");
    EXPECT_EQ(host_->apps()[1]->name(), "two");
}

TEST_F(HostRun, RefusesCallsBeforeTheStartAndAfterTheStop) {
    ASSERT_TRUE(load({instance("one", "good")}, Kind::app));
    EXPECT_EQ(step("x").error().code, Code::unavailable);
    ASSERT_TRUE(start());
    EXPECT_EQ(step("x").value(), "in");
    stop();
    EXPECT_EQ(step("x").error().code, Code::closed);
    EXPECT_EQ(status().state, State::stopped);
    EXPECT_EQ(host_->health(), Health::down);
}

TEST_F(HostRun, StartsOnlyTheKindsAskedFor) {
    ASSERT_TRUE(load({instance("storage", "rogue-storage")}, Kind::storage));
    ASSERT_TRUE(load({instance("one", "good")}, Kind::app));
    is_running_ = true;
    Waiter<> waiter;
    host_->start({Kind::storage}, waiter.callback());
    ASSERT_TRUE(waiter.get());
    EXPECT_EQ(status("storage").state, State::started);
    EXPECT_EQ(status("one").state, State::loaded);
    ASSERT_TRUE(start());
    EXPECT_EQ(status("one").state, State::started);
}

TEST_F(HostRun, ShowsTheHealthAPluginReports) {
    run("rogue", Kind::app, "health: degraded");
    EXPECT_EQ(status().health, Health::degraded);
    EXPECT_EQ(status().reason, "one eye closed");
    EXPECT_EQ(host_->health(), Health::degraded);
    EXPECT_THAT(metrics_.text(),
                HasSubstr(R"(belfry_plugin_health{instance="one",plugin="rogue"} 1)"));
}

}  // namespace
}  // namespace belfry::plugin::test
