/// A transport that speaks lines, and a dialect that says no more than "stream#seq".
#pragma once

#include "daemon/live/encoder.hpp"
#include "daemon/net/http_message.hpp"
#include "daemon/plugin/transport.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace belfry::live::test {

inline bf_str str(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view view(bf_str text) { return {text.ptr, text.len}; }

/// "GET /line?token=...&since=...&device=..." attaches; every line is a message; a ping is "PING",
/// the end "close <code>".
class LineTransport final : public Transport {
public:
    [[nodiscard]] const std::string& name() const override { return name_; }
    [[nodiscard]] std::uint32_t flags() const override { return 0; }
    [[nodiscard]] std::vector<Route> routes() const override { return {{"GET", "/line", "lines"}}; }

    void* open(bf_link& link, const bf_request& request) override {
        auto state = std::make_unique<State>(State{&link, {}, false});
        const std::string token = net::query_value(view(request.query), "token");
        const std::string since = net::query_value(view(request.query), "since");
        const std::string device = net::query_value(view(request.query), "device");
        bf_attach how{};
        how.size = sizeof how;
        how.credential = str(token);
        how.since = str(since);
        how.device = str(device);
        link.attach(how);
        ++open_links;
        return state.release();
    }
    void read(void* state, ByteView bytes) override {
        auto& link = *static_cast<State*>(state);
        link.buffer += text_of(bytes);
        for (auto end = link.buffer.find('\n'); end != std::string::npos;
             end = link.buffer.find('\n')) {
            const std::string line = link.buffer.substr(0, end);
            link.buffer.erase(0, end + 1);
            if (line == "PONG") {
                link.link->alive();
            } else {
                link.link->message(bytes_of(line), true);
            }
        }
    }
    void attached(void* state, const bf_attached& result) override {
        auto& link = *static_cast<State*>(state);
        EXPECT_FALSE(std::exchange(link.was_answered, true)) << "attached is answered once";
        if (result.status == BF_OK) {
            link.link->upgrade(101, {});
        } else {
            link.link->respond(result.http_status, {}, bytes_of(view(result.problem)));
        }
    }
    SharedBytes frame(const bf_outgoing& message) override {
        ++frames;
        return message.kind == BF_FRAME_PING
                   ? SharedBytes::copy("PING\n")
                   : SharedBytes::copy(
                         std::string(text_of({message.payload.ptr, message.payload.len})) + '\n');
    }
    void messages(void*, std::span<const bf_outgoing>) override {}
    void close(void* state, std::uint32_t code, std::string_view) override {
        auto& link = *static_cast<State*>(state);
        link.link->write(SharedBytes::copy("close " + std::to_string(code) + '\n'));
    }
    void closed(void* state) override {
        --open_links;
        delete static_cast<State*>(state);
    }
    void drained(void*) override {}
    void timer(void*) override {}
    void joined(void*, void*) override {}

    std::atomic<int> frames = 0;
    std::atomic<int> open_links = 0;

private:
    struct State {
        bf_link* link;
        std::string buffer;
        bool was_answered;
    };
    std::string name_ = "line";
};

class PlainDialect final : public Dialect {
public:
    [[nodiscard]] const std::string& name() const override { return name_; }
    [[nodiscard]] bool allows_late_login() const override { return false; }
    void open(Session&, const bf_request*, Callback<SessionSetup> done) override {
        done(SessionSetup{});
    }
    std::string hello(const Session&, std::span<const Following>) override { return {}; }
    SharedBytes encode(const std::string& stream, std::uint64_t, const Entry& entry) override {
        ++encoded;
        return entry.notification->title == "silent"
                   ? SharedBytes()
                   : SharedBytes::copy(stream + '#' + std::to_string(entry.seq));
    }
    std::string lost(const Following&) override { return {}; }
    std::string subscribed(const Following&) override { return {}; }
    std::string failed(const Error&, std::string_view) override { return {}; }
    std::string goaway(Nanos) override { return {}; }
    void on_message(Session&, ByteView, bool) override {}
    void on_closed(Session&) override {}

    int encoded = 0;

private:
    std::string name_ = "plain";
};

}  // namespace belfry::live::test
