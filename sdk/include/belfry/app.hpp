/// Application plugins: derive from App. What each call promises: abi/app.h and sdk/README.md.
#pragma once

#include "belfry/instance.hpp"
#include "belfry/types.hpp"

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace belfry::sdk {

/// The duty to answer one HTTP request, on any thread. Destroyed unanswered, it answers 500.
class Reply {
public:
    Reply(const bf_host* host, bf_reply* reply) : host_(host), reply_(reply) {}
    Reply(Reply&& other) noexcept
        : host_(other.host_), reply_(std::exchange(other.reply_, nullptr)) {}
    Reply& operator=(Reply&& other) noexcept {
        std::swap(host_, other.host_);
        std::swap(reply_, other.reply_);
        return *this;
    }
    Reply(const Reply&) = delete;
    Reply& operator=(const Reply&) = delete;
    ~Reply() { send(500, {}, {}); }

    void send(std::uint32_t status, std::span<const bf_pair> headers, std::string_view body) {
        if (bf_reply* reply = std::exchange(reply_, nullptr)) {
            host_->reply(reply, status, headers.data(), headers.size(), bytes_of(body));
        }
    }
    void json(std::uint32_t status, std::string_view body) {
        const bf_pair type{str("content-type"), str("application/json")};
        send(status, std::span(&type, 1), body);
    }

private:
    const bf_host* host_;
    bf_reply* reply_;
};

/// What a dialect wants for a session.
struct SessionSetup {
    std::vector<std::string> streams;
    std::vector<std::string> greeting;
    bool from_head = false;  ///< without `since`: begin behind the newest entry
};

template <>
struct Wire<SessionSetup> {
    explicit Wire(const SessionSetup& from) {
        for (const auto& stream : from.streams) {
            streams_.push_back(str(stream));
        }
        for (const auto& message : from.greeting) {
            greeting_.push_back(bytes_of(message));
        }
        value_ = {sizeof value_,    from.from_head ? BF_SETUP_FROM_HEAD : 0U,
                  streams_.data(),  streams_.size(),
                  greeting_.data(), greeting_.size()};
    }
    [[nodiscard]] const void* value() const { return &value_; }

private:
    std::vector<bf_str> streams_;
    std::vector<bf_bytes> greeting_;
    bf_session_setup value_{};
};

/// Calls come from any thread and must not block. A class overrides what it offers.
class App : public Instance {
public:
    static constexpr std::uint16_t kKind = BF_KIND_APP;
    using Instance::Instance;

    virtual std::span<const bf_route> routes() { return {}; }
    /// `principal` is JSON: who asks. The request is borrowed until the call returns.
    virtual void request(const bf_request& /*request*/, std::string_view /*principal*/,
                         Reply reply) {
        reply.send(404, {}, {});
    }
    virtual std::span<const bf_str> dialects() { return {}; }
    virtual void dialect_open(std::uint64_t /*dialect*/, bf_session* /*session*/,
                              const bf_session_info& /*info*/, Done<SessionSetup> done) {
        done.fail(Status::refused, "this plugin speaks no dialect");
    }
    /// The message that tells of an entry; an empty Buffer where the dialect is silent about it.
    virtual Buffer dialect_encode(std::uint64_t /*dialect*/, const bf_entry& /*entry*/) {
        return {};
    }
    virtual void dialect_message(std::uint64_t /*dialect*/, bf_session* /*session*/,
                                 Bytes /*message*/, bool /*is_text*/) {}
    virtual void dialect_closed(std::uint64_t /*dialect*/, bf_session* /*session*/) {}
    virtual void step(std::string_view name, std::string_view /*input*/, Done<std::string> done) {
        done.fail(Status::not_found, "no step " + std::string(name));
    }

    /// The table of the class `Author`, which derives from this.
    template <class Author>
    static bf_app make_table();
};

template <class Author>
// NOLINTNEXTLINE(readability-function-size): a table, function by function
bf_app App::make_table() {
    using detail::kind_of;
    bf_app table{};
    table.size = sizeof table;
    table.routes = [](void* self, std::uint64_t* count) {
        *count = 0;
        return detail::quietly(self, "routes", [&] {
            const auto routes = kind_of<App>(self).routes();
            *count = routes.size();
            return routes.data();
        });
    };
    table.request = [](void* self, const bf_request* request, bf_str principal, bf_reply* reply) {
        auto& app = kind_of<App>(self);
        try {
            app.request(*request, view(principal), Reply(app.env().host(), reply));
        } catch (const std::exception& error) {
            app.env().log(Level::error, "request failed", {{"error", error.what()}});
        }
    };
    table.dialects = [](void* self, std::uint64_t* count) {
        *count = 0;
        return detail::quietly(self, "dialects", [&] {
            const auto dialects = kind_of<App>(self).dialects();
            *count = dialects.size();
            return dialects.data();
        });
    };
    table.dialect_open = [](void* self, std::uint64_t dialect, bf_session* session,
                            const bf_session_info* info, bf_done done) {
        guarded<SessionSetup>(done, [&](auto& own) {
            kind_of<App>(self).dialect_open(dialect, session, *info, std::move(own));
        });
    };
    table.dialect_encode = [](void* self, std::uint64_t dialect, const bf_entry* entry) {
        return detail::quietly(self, "dialect_encode", [&] {
            return kind_of<App>(self).dialect_encode(dialect, *entry).release();
        });
    };
    table.dialect_message = [](void* self, std::uint64_t dialect, bf_session* session,
                               bf_bytes message, std::uint32_t is_text) {
        detail::quietly(self, "dialect_message", [&] {
            kind_of<App>(self).dialect_message(dialect, session, view(message), is_text != 0);
        });
    };
    table.dialect_closed = [](void* self, std::uint64_t dialect, bf_session* session) {
        detail::quietly(self, "dialect_closed",
                        [&] { kind_of<App>(self).dialect_closed(dialect, session); });
    };
    table.step = [](void* self, bf_str name, bf_str input, bf_done done) {
        guarded<std::string>(done, [&](auto& own) {
            kind_of<App>(self).step(view(name), view(input), std::move(own));
        });
    };
    return table;
}

}  // namespace belfry::sdk
