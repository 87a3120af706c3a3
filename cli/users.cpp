#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>
#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <string>

namespace belfry::cli {
namespace {

namespace json = boost::json;

/// Keeps what is typed off the screen.
class HiddenInput {
public:
    HiddenInput() {
        ::tcgetattr(STDIN_FILENO, &before_);
        termios hidden = before_;
        hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    }
    HiddenInput(const HiddenInput&) = delete;
    HiddenInput& operator=(const HiddenInput&) = delete;
    ~HiddenInput() {
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
        std::fputc('\n', stderr);
    }

private:
    termios before_{};
};

std::string ask(const char* what) {
    std::fputs(what, stderr);
    const HiddenInput hidden;
    std::string line;
    std::getline(std::cin, line);
    return line;
}

Outcome<std::string> read_password() {
    std::string password;
    if (::isatty(STDIN_FILENO) == 0) {
        std::getline(std::cin, password);
    } else {
        password = ask("Password: ");
        if (ask("Once more: ") != password) {
            return fail(EX_DATAERR, "the passwords are not the same");
        }
    }
    if (password.empty()) {
        return fail(EX_NOINPUT, "no password: give it on standard input or with --password");
    }
    return password;
}

Outcome<json::value> post(const Common& common, const std::string& target,
                          const json::object& input) {
    Client client(common.socket);
    const auto answer = client.request("POST", target, json::serialize(input));
    if (!answer) {
        return std::unexpected(answer.error());
    }
    if (answer->status != 201) {
        return std::unexpected(to_failure(*answer));
    }
    return json::parse(answer->body);
}

}  // namespace

Outcome<> add_user(const Common& common, UserOptions options) {
    if (options.password.empty()) {
        auto password = read_password();
        if (!password) {
            return std::unexpected(password.error());
        }
        options.password = std::move(*password);
    }
    const auto created = post(common, "/v1/users",
                              {{"name", options.name},
                               {"password", options.password},
                               {"roles", json::array(options.roles.begin(), options.roles.end())}});
    if (!created) {
        return std::unexpected(created.error());
    }
    print_line(common.is_json ? json::serialize(*created)
                              : "user " + printable(options.name) + " created");
    return {};
}

Outcome<> make_token(const Common& common, const TokenOptions& options) {
    json::object input{{"user", options.user},
                       {"roles", json::array(options.roles.begin(), options.roles.end())}};
    if (!options.lifetime.empty()) {
        input["lifetime"] = options.lifetime;
    }
    const auto made = post(common, "/v1/tokens", input);
    if (!made) {
        return std::unexpected(made.error());
    }
    print_line(common.is_json ? json::serialize(*made)
                              : json::value_to<std::string>(made->at("token")));
    return {};
}

Outcome<> show_status(const Common& common) {
    Client client(common.socket);
    const auto answer = client.request("GET", "/readyz?verbose");
    if (!answer) {
        return std::unexpected(answer.error());
    }
    if (answer->status != 200 && answer->status != 503) {
        return std::unexpected(to_failure(*answer));
    }
    if (common.is_json) {
        print_line(json::serialize(
            json::object{{"ready", answer->status == 200}, {"detail", answer->body}}));
    } else {
        std::fputs(answer->body.c_str(), stdout);
    }
    if (answer->status == 503) {
        return fail(EX_TEMPFAIL, "the daemon is not ready");
    }
    return {};
}

}  // namespace belfry::cli
