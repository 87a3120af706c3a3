#include "cli/backoff.hpp"
#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/text.hpp"
#include "daemon/base/time.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <cstdio>
#include <thread>

namespace belfry::cli {
namespace {

namespace json = boost::json;

std::string text_member(const json::object& message, std::string_view name) {
    const json::value* value = message.if_contains(name);
    return value != nullptr && value->is_string()
               ? std::string(std::string_view(value->get_string()))
               : std::string{};
}

bool flag_member(const json::object& message, std::string_view name) {
    const json::value* value = message.if_contains(name);
    return value != nullptr && value->is_bool() && value->get_bool();
}

/// "<time>  <title>: <body>", or the data where there is neither.
std::string to_line(const json::object& entry) {
    std::string line;
    if (const json::value* at = entry.if_contains("at"); at != nullptr && at->is_int64()) {
        line = to_rfc3339(at->get_int64() * kMillisecond) + "  ";
    }
    const std::string title = text_member(entry, "title");
    const std::string body = text_member(entry, "body");
    line += printable(title);
    line += title.empty() || body.empty() ? "" : ": ";
    line += printable(body);
    const json::value* data = entry.if_contains("data");
    if (title.empty() && body.empty() && data != nullptr) {
        line += printable(json::serialize(*data));
    }
    return line;
}

/// Of an error's code: EX_UNAVAILABLE where another try may succeed.
int exit_code_of(std::string_view code) {
    if (code == "unavailable" || code == "closed" || code == "retry" || code == "limited") {
        return EX_UNAVAILABLE;
    }
    return code == "unauthenticated" || code == "refused" ? EX_NOPERM : EX_DATAERR;
}

/// Follows one stream over as many connections as it takes.
class Follower {
public:
    Follower(const Common& common, std::string stream, std::string since)
        : common_(common), stream_(std::move(stream)), since_(std::move(since)) {}

    /// Only returns when there is no use in going on.
    Outcome<> run() {
        for (;;) {
            auto link = LiveLink::open(common_.socket);
            if (!link && !has_subscribed_) {
                return std::unexpected(link.error());
            }
            const auto ended = link ? follow(*link) : Outcome<>(std::unexpected(link.error()));
            if (!ended && ended.error().exit_code != EX_UNAVAILABLE) {
                return ended;
            }
            std::this_thread::sleep_for(backoff_.next());
        }
    }

private:
    Outcome<> follow(LiveLink& link) {
        for (;;) {
            const auto text = link.read();
            if (!text) {
                return std::unexpected(text.error());
            }
            boost::system::error_code error;
            const json::value message = json::parse(*text, error);
            if (error || !message.is_object()) {
                return fail(EX_PROTOCOL, "the daemon sent something that is not JSON");
            }
            if (auto done = on_message(link, message.get_object(), *text); !done) {
                return done;
            }
        }
    }

    Outcome<> on_message(LiveLink& link, const json::object& message, const std::string& text) {
        const std::string op = text_member(message, "op");
        if (op == "hello") {
            return link.write(json::serialize(
                json::object{{"op", "subscribe"}, {"stream", stream_}, {"since", since_}}));
        }
        if (op == "subscribed" && text_member(message, "stream") == stream_) {
            on_subscribed(message);
        } else if (op == "entry" && text_member(message, "stream") == stream_) {
            move_to(message);
            print_line(common_.is_json ? text : to_line(message));
        } else if (op == "lost" && text_member(message, "stream") == stream_) {
            report_gap(message);
            move_to(message);
        } else if (op == "error") {
            return fail(exit_code_of(text_member(message, "code")),
                        "the daemon says: " + printable(text_member(message, "message")));
        }
        return {};
    }

    void move_to(const json::object& message) {
        if (std::string token = text_member(message, "token"); !token.empty()) {
            since_ = std::move(token);
        }
    }

    static void report_gap(const json::object& message) {
        std::fprintf(stderr, "belfry: some notifications are missing here: %s\n",
                     printable(text_member(message, "reason")).c_str());
    }

    void on_subscribed(const json::object& message) {
        if (has_subscribed_ && !flag_member(message, "recovered")) {
            report_gap(message);
        }
        move_to(message);
        has_subscribed_ = true;
        backoff_.reset();
    }

    const Common& common_;
    std::string stream_;
    std::string since_;
    bool has_subscribed_ = false;
    Backoff backoff_{std::chrono::milliseconds(250), std::chrono::seconds(10)};
};

}  // namespace

Outcome<> tail(const Common& common, const TailOptions& options) {
    if (options.user.empty() == options.topic.empty()) {
        return fail(EX_USAGE, "tail: expected either --user or --topic");
    }
    const std::string stream =
        options.user.empty() ? "topic:" + options.topic : to_stream(options.user);
    return Follower(common, stream, options.since).run();
}

}  // namespace belfry::cli
