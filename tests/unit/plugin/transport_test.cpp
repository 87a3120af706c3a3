#include "daemon/plugin/transport.hpp"

#include "daemon/plugin/abi_values.hpp"
#include "tests/unit/plugin/support.hpp"

#include <sstream>

namespace belfry::plugin::test {
namespace {

/// Writes down what it is told.
class Link final : public bf_link {
public:
    void respond(std::uint32_t status, std::span<const bf_pair> /*headers*/,
                 ByteView body) override {
        told << "respond " << status << " " << text_of(body) << "\n";
    }
    void upgrade(std::uint32_t status, std::span<const bf_pair> headers) override {
        told << "upgrade " << status << " " << view(headers[0].name) << "="
             << view(headers[0].value) << "\n";
    }
    void write(SharedBytes content) override {
        told << "write " << text_of(content.view()) << "\n";
    }
    void finish() override { told << "finish\n"; }
    void attach(const bf_attach& how) override {
        told << "attach " << view(how.dialect) << view(how.credential) << view(how.device)
             << view(how.since) << view(how.key) << "\n";
    }
    void join(std::string_view key) override { told << "join " << key << "\n"; }
    void message(ByteView message, bool is_text) override {
        told << "message " << text_of(message) << " " << is_text << "\n";
    }
    void alive() override { told << "alive\n"; }
    void timer(std::int64_t delay) override { told << "timer " << delay << "\n"; }
    void want(std::uint64_t more) override { told << "want " << more << "\n"; }

    std::ostringstream told;
};

class TransportPlugin : public HostTest {
protected:
    void SetUp() override { run("echo-transport", Kind::transport); }
    Transport& transport() { return *host_->transports().at(0); }
    std::string take_told() {
        const std::string all = link_.told.str();
        link_.told.str("");
        return all;
    }

    Link link_;
};

TEST_F(TransportPlugin, TellsItsRoutes) {
    const auto routes = transport().routes();
    ASSERT_EQ(routes.size(), 2U);
    EXPECT_EQ(routes[0].method + routes[0].path + routes[0].summary, "GET/echo/{name}Echo");
    EXPECT_EQ(routes[1].method + routes[1].path, "/any");
    EXPECT_EQ(transport().flags(), 0U);
}

TEST_F(TransportPlugin, DrivesItsLink) {
    bf_request request{};
    request.size = sizeof request;
    request.path = str("/echo/x");
    void* state = transport().open(link_, request);
    EXPECT_EQ(state, &link_);
    EXPECT_EQ(take_told(), "upgrade 101 x-path=/echo/x\n");
    transport().read(state, bytes_of("hi"));
    EXPECT_EQ(
        take_told(),
        "write [hi]\nmessage hi 1\nalive\ntimer 5\nwant 6\njoin k\nattach dcvsk\nattach dc\n");
    const bf_attached attached{sizeof attached, BF_REFUSED, str("no"), 401, 0, str("{}"), 0, 0};
    transport().attached(state, attached);
    EXPECT_EQ(take_told(), "respond 401 no\n");
    transport().close(state, 1000, "bye");
    transport().closed(state);
    EXPECT_EQ(take_told(), "finish\n");
}

TEST_F(TransportPlugin, FramesMessages) {
    const bf_outgoing message{sizeof message, BF_FRAME_TEXT, bytes("x"), {}, {}};
    EXPECT_EQ(text_of(transport().frame(message).view()), "[x]");
    const std::string large(100, 'x');
    const bf_outgoing refused{sizeof refused, BF_FRAME_TEXT, bytes(large), {}, {}};
    EXPECT_TRUE(transport().frame(refused).empty());
}

TEST_F(TransportPlugin, DoesNothingWhereThePluginOffersNothing) {
    transport().timer(&link_);
    transport().joined(&link_, nullptr);
    transport().messages(&link_, {});
    EXPECT_EQ(take_told(), "");
}

TEST_F(TransportPlugin, AnswersForAPluginThatIsStopped) {
    stop();
    const bf_request request{};
    EXPECT_EQ(transport().open(link_, request), nullptr);
    EXPECT_EQ(take_told(), "respond 503 \n");
    EXPECT_TRUE(transport().routes().empty());
}

}  // namespace
}  // namespace belfry::plugin::test
