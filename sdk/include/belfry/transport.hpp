/// Session transports: derive from Transport, and from LinkState for what one link needs.
/// What each call promises: abi/transport.h and sdk/README.md.
#pragma once

#include "belfry/instance.hpp"
#include "belfry/types.hpp"

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace belfry::sdk {

/// One header of a request by its lower-case name; empty where it is not there.
inline std::string_view header(const bf_request& request, std::string_view name) {
    for (const bf_pair& pair : std::span(request.headers, request.header_count)) {
        if (view(pair.name) == name) {
            return view(pair.value);
        }
    }
    return {};
}

/// What a transport does to one link. Only on the link's thread, not after LinkState was destroyed.
class Link {
public:
    Link(const bf_host* host, bf_link* link) : host_(host), link_(link) {}

    void respond(std::uint32_t status, std::span<const bf_pair> headers, std::string_view body) {
        host_->link_respond(link_, status, headers.data(), headers.size(), bytes_of(body));
    }
    void upgrade(std::uint32_t status, std::span<const bf_pair> headers) {
        host_->link_upgrade(link_, status, headers.data(), headers.size());
    }
    void write(bf_buf* bytes) { host_->link_write(link_, bytes); }
    void write(Bytes bytes) {
        bf_buf* buf = host_->buf_make(bytes_of(bytes));
        host_->link_write(link_, buf);
        host_->buf_unref(buf);
    }
    void finish() { host_->link_finish(link_); }
    void attach(const bf_attach& how) { host_->link_attach(link_, &how); }
    void join(std::string_view key) { host_->link_join(link_, str(key)); }
    void message(Bytes message, bool is_text) {
        host_->link_message(link_, bytes_of(message), is_text ? 1 : 0);
    }
    void alive() { host_->link_alive(link_); }
    void timer(std::int64_t delay) { host_->link_timer(link_, delay); }
    void want(std::uint64_t bytes) { host_->link_want(link_, bytes); }

private:
    const bf_host* host_;
    bf_link* link_;
};

/// One link's state and reactions. Calls come on the link's thread, never two at once.
class LinkState {
public:
    virtual ~LinkState() = default;
    virtual void read(Bytes bytes) = 0;
    virtual void attached(const bf_attached& result) = 0;
    virtual void messages(Array<bf_outgoing> /*messages*/) {}
    virtual void close(std::uint32_t code, std::string_view reason) = 0;
    virtual void timer() {}
    virtual void joined(LinkState* /*owner*/) {}
    virtual void drained() {}
};

class Transport : public Instance {
public:
    static constexpr std::uint16_t kKind = BF_KIND_TRANSPORT;
    /// BF_TRANSPORT_... of the class; shadow it to change it.
    static constexpr std::uint32_t kFlags = 0;
    using Instance::Instance;

    virtual std::span<const bf_route> routes() = 0;
    /// A request; NULL where it was answered in the call and nothing else is to come.
    virtual std::unique_ptr<LinkState> open(Link link, const bf_request& request) = 0;
    /// A finished wire frame. Pure; any thread.
    virtual Buffer frame(const bf_outgoing& message) = 0;

    /// The table of the class `Author`, which derives from this.
    template <class Author>
    static bf_transport make_table();
};

template <class Author>
// NOLINTNEXTLINE(readability-function-size): a table, function by function
bf_transport Transport::make_table() {
    using detail::kind_of;
    bf_transport table{};
    table.size = sizeof table;
    table.flags = Author::kFlags;
    table.routes = [](void* self, std::uint64_t* count) {
        *count = 0;
        return detail::quietly(self, "routes", [&] {
            const auto routes = kind_of<Transport>(self).routes();
            *count = routes.size();
            return routes.data();
        });
    };
    table.open = [](void* self, bf_link* link, const bf_request* request) -> void* {
        auto& transport = kind_of<Transport>(self);
        Link own(transport.env().host(), link);
        try {
            return transport.open(own, *request).release();
        } catch (const std::exception& error) {
            transport.env().log(Level::error, "request failed", {{"error", error.what()}});
            own.respond(500, {}, {});
        }
        return nullptr;
    };
    table.read = [](void* self, void* link, bf_bytes bytes) {
        detail::quietly(self, "read", [&] { static_cast<LinkState*>(link)->read(view(bytes)); });
    };
    table.attached = [](void* self, void* link, const bf_attached* result) {
        detail::quietly(self, "attached",
                        [&] { static_cast<LinkState*>(link)->attached(*result); });
    };
    table.frame = [](void* self, const bf_outgoing* message) {
        return detail::quietly(self, "frame",
                               [&] { return kind_of<Transport>(self).frame(*message).release(); });
    };
    table.messages = [](void* self, void* link, const bf_outgoing* messages, std::uint64_t count) {
        detail::quietly(self, "messages", [&] {
            static_cast<LinkState*>(link)->messages(Array<bf_outgoing>(messages, count));
        });
    };
    table.close = [](void* self, void* link, std::uint32_t code, bf_str reason) {
        detail::quietly(self, "close",
                        [&] { static_cast<LinkState*>(link)->close(code, view(reason)); });
    };
    table.closed = [](void* self, void* link) {
        detail::quietly(self, "closed", [&] { delete static_cast<LinkState*>(link); });
    };
    table.timer = [](void* self, void* link) {
        detail::quietly(self, "timer", [&] { static_cast<LinkState*>(link)->timer(); });
    };
    table.joined = [](void* self, void* link, void* owner) {
        detail::quietly(self, "joined", [&] {
            static_cast<LinkState*>(link)->joined(static_cast<LinkState*>(owner));
        });
    };
    table.drained = [](void* self, void* link) {
        detail::quietly(self, "drained", [&] { static_cast<LinkState*>(link)->drained(); });
    };
    return table;
}

}  // namespace belfry::sdk
