#include "daemon/config/secret.hpp"

#include "daemon/config/substitute.hpp"
#include "tests/unit/config/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace belfry::config::test {
namespace {

using testing::HasSubstr;
using testing::Not;

const Environment& environment() {
    static const Environment everything = make_environment({{"A", "one"},
                                                            {"EMPTY", ""},
                                                            {"NESTED", "${A}"},
                                                            {"BAD", "\xFF"},
                                                            {"PORT", "8480"},
                                                            {"FILE", "file:/etc/key"},
                                                            {"KEY", "from-the-environment"},
                                                            {"CREDENTIALS_DIRECTORY", "/creds"}},
                                                           {{"/etc/key", "from-a-file\r\n"},
                                                            {"/creds/key", "a-credential\n\n"},
                                                            {"/etc/empty", "\n"},
                                                            {"/etc/binary", "\xFF\xFE"}});
    return everything;
}

struct Expansion {
    std::string text;
    std::string expected;  ///< empty = refused
};

class OneExpansion : public testing::TestWithParam<Expansion> {};

TEST_P(OneExpansion, IsDoneOrRefused) {
    const auto expanded = expand(GetParam().text, environment());
    ASSERT_EQ(expanded.has_value(), !GetParam().expected.empty()) << GetParam().text;
    if (expanded) {
        EXPECT_EQ(expanded->text, GetParam().expected);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Variables, OneExpansion,
    testing::Values(Expansion{"plain $A $$ }", "plain $A $$ }"}, Expansion{"${A}", "one"},
                    Expansion{"x${A}y${A}z", "xoneyonez"}, Expansion{"${B:-two}", "two"},
                    Expansion{"${EMPTY:-two}", "two"}, Expansion{"${A:-two}", "one"},
                    Expansion{"x${B:-}", "x"}, Expansion{"x${EMPTY}", "x"},
                    Expansion{"${NESTED}", "${A}"}, Expansion{"$${A}", "${A}"},
                    Expansion{"$${A}${A}", "${A}one"}, Expansion{"$${", "${"},
                    Expansion{"${B}", ""}, Expansion{"${", ""}, Expansion{"${A", ""},
                    Expansion{"${}", ""}, Expansion{"${1}", ""}, Expansion{"${a b}", ""},
                    Expansion{"${A-b}", ""}, Expansion{"${B:-${A}}", ""}, Expansion{"${BAD}", ""}));

TEST(Expansion, MakesAQuotedNumberANumber) {
    const auto checked = validate_text(R"({"type":"integer"})", "\"${PORT}\"", environment());
    EXPECT_EQ(checked.canonical, 8480);
}

TEST(Expansion, IsNotShownInMessages) {
    const auto checked = validate_text(R"({"type":"integer"})", "${KEY}", environment());
    EXPECT_EQ(joined(checked.problems),
              "p.yaml:1:1: expected an integer, found \"${KEY}\" (whose value is not shown)\n");
}

TEST(Expansion, LeavesFilesAloneWhereNoSecretIsMeant) {
    const auto checked = validate_text(R"({"type":"string"})", "file:/etc/key", environment());
    EXPECT_EQ(checked.canonical, "file:/etc/key");
}

const std::string kSecret = R"({"type":"string","x-secret":true,"minLength":4})";

TEST(SecretValue, ComesFromAFileACredentialOrAVariable) {
    const auto of = [](std::string_view yaml) {
        const auto checked = validate_text(kSecret, yaml, environment());
        EXPECT_TRUE(checked.ok()) << joined(checked.problems);
        EXPECT_TRUE(checked.warnings.empty()) << joined(checked.warnings);
        return to_json_text(checked.canonical);
    };
    EXPECT_EQ(of("file:/etc/key"), R"("from-a-file")");
    EXPECT_EQ(of("'file:/etc/${X:-key}'"), R"("from-a-file")");
    EXPECT_EQ(of("credential:key"), R"("a-credential\n")");
    EXPECT_EQ(of("${KEY}"), R"("from-the-environment")");
    EXPECT_EQ(of("${FILE}"), R"("file:/etc/key")");
}

TEST(SecretValue, GivesAWarningWhereItIsInTheFile) {
    const auto checked = validate_text(kSecret, "hunter2", environment());
    EXPECT_TRUE(checked.ok());
    ASSERT_EQ(checked.warnings.size(), 1U);
    EXPECT_THAT(joined(checked.warnings), HasSubstr("p.yaml:1:1: expected a secret by file:"));
    EXPECT_THAT(joined(checked.warnings), Not(HasSubstr("hunter2")));
}

struct BadSecret {
    std::string yaml;
    std::string message;
};

class RefusedSecret : public testing::TestWithParam<BadSecret> {};

TEST_P(RefusedSecret, IsNotShown) {
    const auto checked = validate_text(kSecret, GetParam().yaml, environment());
    ASSERT_EQ(checked.problems.size(), 1U);
    EXPECT_THAT(joined(checked.problems), HasSubstr("p.yaml:1:1: expected "));
    EXPECT_THAT(joined(checked.problems), HasSubstr(GetParam().message));
    EXPECT_THAT(joined(checked.problems), Not(HasSubstr("pw!")));
}

INSTANTIATE_TEST_SUITE_P(
    Values, RefusedSecret,
    testing::Values(BadSecret{"pw!", "of at least 4 characters"},
                    BadSecret{"'pw!${'", "expected } behind ${"},
                    BadSecret{"'x${pw!}'", "expected a variable's name"},
                    BadSecret{"file:pw!", "an absolute path"},
                    BadSecret{"file:/nowhere", "cannot read /nowhere"},
                    BadSecret{"file:/etc/empty", "found nothing"},
                    BadSecret{"file:/etc/binary", "found other bytes"},
                    BadSecret{"'credential:'", "the name of a file without /"},
                    BadSecret{"credential:../pw!", "the name of a file without /"},
                    BadSecret{"credential:a/b", "the name of a file without /"},
                    BadSecret{"credential:other", "cannot read /creds/other"},
                    BadSecret{"${NONE}", "variable NONE to be set"},
                    BadSecret{"[pw!]", "found a list"}, BadSecret{"{pw!: pw!}", "found a map"}));

TEST(SecretValue, NeedsADirectoryForCredentials) {
    const auto checked = validate_text(kSecret, "credential:key", make_environment());
    EXPECT_THAT(joined(checked.problems), HasSubstr("found no $CREDENTIALS_DIRECTORY"));
}

TEST(Secret, PrintsAsStars) {
    std::ostringstream out;
    out << Secret("hunter2");
    EXPECT_EQ(out.str(), "***");
    EXPECT_EQ(Secret("hunter2").reveal(), "hunter2");
    EXPECT_TRUE(Secret().empty());
}

class SystemFiles : public testing::Test {
protected:
    SystemFiles() {
        std::string name = testing::TempDir() + "belfry-config-XXXXXX";
        directory_ = ::mkdtemp(name.data());
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }

    std::string write(const std::string& name, const std::string& content) {
        const std::string path = directory_ + '/' + name;
        std::ofstream(path, std::ios::binary) << content;
        return path;
    }

    std::string directory_;
    Environment environment_ = system_environment();
};

TEST_F(SystemFiles, AreReadWhole) {
    const std::string content(10'000, 'x');
    EXPECT_EQ(environment_.read_file(write("a", content)).value(), content);
    EXPECT_EQ(environment_.read_file(write("b", "")).value(), "");
}

TEST_F(SystemFiles, AreRefusedWhereTheyAreNone) {
    const std::string pipe = directory_ + "/pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    EXPECT_THAT(environment_.read_file(pipe).error().message, HasSubstr("not a regular file"));
    EXPECT_THAT(environment_.read_file("/dev/zero").error().message,
                HasSubstr("not a regular file"));
    EXPECT_THAT(environment_.read_file(directory_).error().message,
                HasSubstr("not a regular file"));
    EXPECT_THAT(environment_.read_file(directory_ + "/none").error().message,
                HasSubstr("cannot read"));
    EXPECT_EQ(environment_.read_file(write("c", std::string(70'000, 'x'))).error().code,
              Code::too_large);
}

TEST_F(SystemFiles, ComeWithTheProcessesOwnVariables) {
    EXPECT_TRUE(environment_.variable("PATH").has_value());
    EXPECT_FALSE(environment_.variable("BELFRY_NO_SUCH_VARIABLE").has_value());
    EXPECT_FALSE(environment_.host_name().empty());
}

}  // namespace
}  // namespace belfry::config::test
