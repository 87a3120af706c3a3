#include "daemon/plugin/app.hpp"

#include "daemon/plugin/abi_values.hpp"
#include "tests/unit/plugin/support.hpp"

namespace belfry::plugin::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Ends with its answer, as a real one.
class Reply final : public bf_reply {
public:
    explicit Reply(std::vector<std::string>& answers) : answers_(answers) {}
    void send(std::uint32_t status, std::span<const bf_pair> headers, ByteView body) override {
        std::string answer = std::to_string(status) + " " + std::string(text_of(body));
        for (const bf_pair& header : headers) {
            answer += " " + std::string(view(header.name)) + "=" + std::string(view(header.value));
        }
        answers_.push_back(std::move(answer));
        delete this;
    }

private:
    std::vector<std::string>& answers_;
};

class Session final : public bf_session {
public:
    void send(ByteView message) override { told.emplace_back(text_of(message)); }
    void set_streams(std::vector<std::string> streams) override {
        for (std::string& stream : streams) {
            told.push_back(std::move(stream));
        }
    }
    void close(std::uint32_t code, std::string_view reason) override {
        told.push_back(std::to_string(code) + std::string(reason));
    }

    std::vector<std::string> told;
};

class AppPlugin : public HostTest {
protected:
    void SetUp() override { run("face", Kind::app); }
    App& app() { return *host_->apps().at(0); }
    void request(const std::string& path) {
        bf_request asked{};
        asked.size = sizeof asked;
        asked.path = str(path);
        app().request(asked, "ann", new Reply(answers_));
    }
    Result<SessionSetup> open(const std::string& since) {
        const bf_session_info info{sizeof info, 0, {}, str("phone"), str(since), nullptr};
        Waiter<SessionSetup> waiter;
        app().dialect_open(0, session_, info, home_, waiter.callback());
        return waiter.get();
    }

    std::vector<std::string> answers_;
    Session session_;
};

TEST_F(AppPlugin, TellsItsRoutesAndDialects) {
    EXPECT_EQ(app().routes().at(0).path, "/face");
    EXPECT_THAT(app().dialects(), ElementsAre("plain", "fancy"));
}

TEST_F(AppPlugin, AnswersRequests) {
    request("/face");
    EXPECT_THAT(answers_, ElementsAre("200 /face x-principal=ann"));
}

TEST_F(AppPlugin, AnswersOnceWhateverThePluginDoes) {
    request("/twice");
    EXPECT_THAT(answers_, ElementsAre("200 /twice x-principal=ann"));
    EXPECT_THAT(status().violations, ElementsAre(HasSubstr("reply: answered a request twice")));
}

TEST_F(AppPlugin, AnswersWhatThePluginForgot) {
    request("/never");
    EXPECT_TRUE(answers_.empty());
    stop();
    request("/after");
    EXPECT_THAT(answers_, ElementsAre("503 ", "503 "));
}

TEST_F(AppPlugin, OpensDialects) {
    const auto setup = open("1.5");
    ASSERT_TRUE(setup) << setup.error().message;
    EXPECT_THAT(setup->streams, ElementsAre("user:1", "phone"));
    EXPECT_THAT(setup->greeting, ElementsAre("hi"));
    EXPECT_TRUE(setup->from_head);
    EXPECT_THAT(session_.told, ElementsAre("hi", "user:1", "phone", "0bye"));
    EXPECT_EQ(open("refuse").error().code, Code::refused);
    EXPECT_THAT(open("null").error().message, HasSubstr("nonsense"));
}

TEST_F(AppPlugin, EncodesEntries) {
    auto notification = std::make_shared<Notification>();
    notification->title = "Hello";
    Entry entry;
    entry.seq = 5;
    entry.notification = notification;
    EXPECT_EQ(text_of(app().dialect_encode(0, "user:1", 7, entry).view()), "user:1 7.5 Hello");
    EXPECT_TRUE(app().dialect_encode(1, "user:1", 7, entry).empty());
    EXPECT_TRUE(app().dialect_encode(0, "user:1", 7, Entry{}).empty());
}

TEST_F(AppPlugin, HearsClients) {
    app().dialect_message(0, session_, bytes_of("knock"), true);
    app().dialect_closed(0, session_);
    EXPECT_THAT(session_.told, ElementsAre("knock"));
}

}  // namespace
}  // namespace belfry::plugin::test
