#include "daemon/base/log.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <thread>
#include <vector>

namespace belfry {
namespace {

namespace json = boost::json;

/// What is written to standard error while it lives; the pipe holds 64 KiB.
class Captured {
public:
    Captured() : kept_(dup(STDERR_FILENO)) {
        EXPECT_EQ(pipe(ends_.data()), 0);
        dup2(ends_[1], STDERR_FILENO);
        close(ends_[1]);
    }
    ~Captured() { static_cast<void>(text()); }
    Captured(const Captured&) = delete;
    Captured& operator=(const Captured&) = delete;

    /// Ends the capture.
    std::string text() {
        if (kept_ >= 0) {
            dup2(kept_, STDERR_FILENO);
            close(std::exchange(kept_, -1));
            std::array<char, 4096> part{};
            ssize_t got = 0;
            while ((got = read(ends_[0], part.data(), part.size())) > 0) {
                text_.append(part.data(), static_cast<std::size_t>(got));
            }
            close(ends_[0]);
        }
        return text_;
    }

private:
    int kept_;
    std::array<int, 2> ends_{};
    std::string text_;
};

class LogTest : public testing::Test {
protected:
    ~LogTest() override { log::configure(log::Format::text, log::Level::info); }
};

TEST_F(LogTest, TextIsOneLineOfFields) {
    log::configure(log::Format::text, log::Level::info);
    Captured captured;
    log::warning(
        "something happened",
        {{"name", "plain"}, {"count", 3}, {"empty", ""}, {"said", "two words"}, {"pair", "a=b"}});
    const std::string line = captured.text();
    EXPECT_NE(line.find("Z warning: something happened name=plain count=3 empty=\"\" "
                        "said=\"two words\" pair=\"a=b\"\n"),
              std::string::npos)
        << line;
}

TEST_F(LogTest, TextEscapesWhatCouldForgeALine) {
    log::configure(log::Format::text, log::Level::info);
    Captured captured;
    log::info("event\n", {{"value", std::string("a\nb\r\x1b[31m\x7f\"\\\0end", 16)}});
    const std::string line = captured.text();
    EXPECT_EQ(line.find('\n'), line.size() - 1) << line;
    EXPECT_EQ(line.find('\x1b'), std::string::npos);
    EXPECT_NE(line.find(R"(a\u000ab\u000d\u001b[31m\u007f\"\\\u0000en)"), std::string::npos)
        << line;
}

TEST_F(LogTest, JsonIsOneObjectALine) {
    log::configure(log::Format::json, log::Level::info);
    Captured captured;
    log::error("ev\"ent", {{"value", std::string("a\nb\x1b\"\\\0", 7)}, {"count", -5}});
    const std::string line = captured.text();
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    const json::value value = json::parse(line);
    EXPECT_EQ(value.at("level"), "error");
    EXPECT_EQ(value.at("event"), "ev\"ent");
    EXPECT_EQ(std::string(value.at("value").as_string()), std::string("a\nb\x1b\"\\\0", 7));
    EXPECT_EQ(value.at("count"), "-5");
}

TEST_F(LogTest, JsonStaysJsonWhateverTheBytes) {
    log::configure(log::Format::json, log::Level::info);
    Captured captured;
    log::info("event", {{"value", "bad \xff\xc3 bytes, good \xc3\xa4"}});
    json::error_code error;
    const json::value value = json::parse(captured.text(), error);
    ASSERT_FALSE(error) << error.message();
    EXPECT_EQ(std::string(value.at("value").as_string()),
              "bad \xef\xbf\xbd\xef\xbf\xbd bytes, good \xc3\xa4");
}

TEST_F(LogTest, LeavesOutWhatIsBelowTheLevel) {
    log::configure(log::Format::text, log::Level::warning);
    Captured captured;
    log::debug("quiet");
    log::info("quiet");
    log::warning("loud");
    log::error("loud");
    const std::string text = captured.text();
    EXPECT_EQ(text.find("quiet"), std::string::npos);
    EXPECT_NE(text.find("warning: loud\n"), std::string::npos);
    EXPECT_NE(text.find("error: loud\n"), std::string::npos);
}

TEST_F(LogTest, AutomaticIsTextWhereNoJournalListens) {
    log::configure(log::Format::automatic, log::Level::info);
    Captured captured;
    log::info("automatic");
    EXPECT_NE(captured.text().find("info: automatic\n"), std::string::npos);
}

TEST_F(LogTest, LinesOfThreadsDoNotMix) {
    log::configure(log::Format::text, log::Level::info);
    Captured captured;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([i] {
                for (int k = 0; k < 50; ++k) {
                    log::info("line", {{"thread", i}, {"end", "x"}});
                }
            });
        }
    }
    const std::string text = captured.text();
    std::size_t lines = 0;
    for (std::size_t at = 0; at < text.size(); ++lines) {
        const auto end = text.find('\n', at);
        ASSERT_TRUE(std::string_view(text).substr(at, end - at).ends_with("end=x"));
        at = end + 1;
    }
    EXPECT_EQ(lines, 200U);
}

}  // namespace
}  // namespace belfry
