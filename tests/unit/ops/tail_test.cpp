#include "tests/unit/ops/cli_run.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sysexits.h>

#include <filesystem>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace belfry::test {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace json = boost::json;
using asio::local::stream_protocol;

/// What the daemon does on a connection after the client's `subscribe`.
struct Visit {
    std::vector<std::string> messages;
    std::uint16_t close_code = 0;  ///< 0: the connection is cut
};

std::string error_message(const std::string& code) {
    return R"({"op":"error","code":")" + code + R"(","message":"so it is","about":"subscribe"})";
}

/// The far end of belfry.v1, which follows a script: one visit after the other.
class ScriptedDaemon {
public:
    explicit ScriptedDaemon(std::vector<Visit> visits)
        : directory_((std::filesystem::temp_directory_path() / "belfry-XXXXXX").string()),
          has_directory_(::mkdtemp(directory_.data()) != nullptr),
          acceptor_(context_, stream_protocol::endpoint(socket())),
          thread_([this, script = std::move(visits)] {
              for (const Visit& visit : script) {
                  serve(visit);
              }
          }) {}
    ScriptedDaemon(const ScriptedDaemon&) = delete;
    ScriptedDaemon& operator=(const ScriptedDaemon&) = delete;
    ~ScriptedDaemon() {
        finish();
        std::filesystem::remove_all(directory_);
    }

    [[nodiscard]] std::string socket() const { return directory_ + "/control"; }

    /// From where each connection wanted to go on.
    const std::vector<std::string>& finish() {
        if (thread_.joinable()) {
            ::shutdown(acceptor_.native_handle(), SHUT_RDWR);
            thread_.join();
        }
        return since_;
    }

private:
    void serve(const Visit& visit) {
        beast::error_code error;
        beast::websocket::stream<stream_protocol::socket> stream(context_);
        acceptor_.accept(stream.next_layer(), error);
        if (error) {
            return;
        }
        stream.accept(error);
        stream.write(asio::buffer(std::string(R"({"op":"hello","streams":[]})")), error);
        beast::flat_buffer buffer;
        stream.read(buffer, error);
        if (error) {
            return;
        }
        since_.push_back(json::value_to<std::string>(
            json::parse(beast::buffers_to_string(buffer.data())).at("since")));
        for (const std::string& message : visit.messages) {
            stream.write(asio::buffer(message), error);
        }
        if (visit.close_code != 0) {
            stream.close(visit.close_code, error);
        }
    }

    std::string directory_;
    bool has_directory_;
    asio::io_context context_;
    stream_protocol::acceptor acceptor_;
    std::vector<std::string> since_;
    std::thread thread_;
};

using Tokens = std::vector<std::string>;

TEST(TailTest, GoesOnWhereItWas) {
    const std::string subscribed =
        R"({"op":"subscribed","stream":"user:alice","token":"e.5","recovered":true})";
    const std::string entry =
        R"({"op":"entry","stream":"user:alice","token":"e.6","at":0,"title":"Build","body":"green"})";
    const std::string lost =
        R"({"op":"lost","stream":"user:alice","token":"e.9","recovered":false,"reason":"expired"})";
    ScriptedDaemon daemon(
        {{{subscribed, entry}}, {{subscribed, entry, lost}, 3000}, {{error_message("refused")}}});
    const auto tailed = run_cli(daemon.socket(), "", "tail --user alice");
    EXPECT_EQ(tailed.exit_code, EX_NOPERM) << tailed.output;
    EXPECT_TRUE(tailed.output.contains("Build: green\n")) << tailed.output;
    EXPECT_TRUE(tailed.output.contains("are missing here: expired\n")) << tailed.output;
    EXPECT_EQ(daemon.finish(), (Tokens{"latest", "e.6", "e.9"}));
}

TEST(TailTest, TriesAgainAfterAnErrorThatPasses) {
    ScriptedDaemon daemon({{{error_message("unavailable")}},
                           {{error_message("limited")}},
                           {{error_message("invalid")}}});
    const auto tailed = run_cli(daemon.socket(), "", "tail --topic news --since earliest");
    EXPECT_EQ(tailed.exit_code, EX_DATAERR) << tailed.output;
    EXPECT_TRUE(tailed.output.contains("the daemon says: so it is")) << tailed.output;
    EXPECT_EQ(daemon.finish(), Tokens(3, "earliest"));
}

TEST(TailTest, StaysAwayWhenToldTo) {
    for (const auto& [close_code, exit_code] :
         {std::pair<std::uint16_t, int>{3500, EX_NOPERM}, {3501, EX_PROTOCOL}}) {
        ScriptedDaemon daemon({{{}, close_code}, {{error_message("refused")}}});
        const auto tailed = run_cli(daemon.socket(), "", "tail --user alice");
        EXPECT_EQ(tailed.exit_code, exit_code) << tailed.output;
        EXPECT_TRUE(tailed.output.contains(std::to_string(close_code))) << tailed.output;
        EXPECT_EQ(daemon.finish(), Tokens{"latest"});
    }
}

}  // namespace
}  // namespace belfry::test
