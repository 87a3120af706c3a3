#include "belfry/testkit/app.hpp"

#include "host_impl.hpp"

namespace belfry::testkit {

void fill_apps(bf_host& table) {
    table.reply = [](bf_reply* reply, std::uint32_t status, const bf_pair* headers,
                     std::uint64_t count, bf_bytes body) {
        reinterpret_cast<Exchange*>(reply)->take(status, headers, count, body);
    };
    table.session_send = [](bf_session* handle, bf_bytes message) {
        auto& session = *reinterpret_cast<Session*>(handle);
        const std::lock_guard lock(session.mutex_);
        session.sent_.emplace_back(sdk::text_of(message));
    };
    table.session_streams = [](bf_session* handle, const bf_str* streams, std::uint64_t count) {
        auto& session = *reinterpret_cast<Session*>(handle);
        const std::lock_guard lock(session.mutex_);
        session.streams_.clear();
        for (const bf_str& stream : std::span(streams, count)) {
            session.streams_.emplace_back(sdk::view(stream));
        }
    };
    table.session_close = [](bf_session* handle, std::uint32_t code, bf_str /*reason*/) {
        auto& session = *reinterpret_cast<Session*>(handle);
        const std::lock_guard lock(session.mutex_);
        session.closed_ = code;
    };
}

void Exchange::request(const Request& request, std::string_view principal) {
    const WireRequest wire(request);
    instance_.table<bf_app>().request(instance_.handle(), &wire.get(), sdk::str(principal),
                                      reinterpret_cast<bf_reply*>(this));
}

Answer Exchange::wait(std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, limit, [this] { return answer_.has_value(); })) {
        throw Failed(instance_.name() + " did not answer a request within " +
                     std::to_string(limit.count()) + " ms");
    }
    return *answer_;
}

void Exchange::take(std::uint32_t status, const bf_pair* headers, std::uint64_t count,
                    bf_bytes body) {
    const std::lock_guard lock(mutex_);
    if (answer_) {
        instance_.seat().violate("answered a request twice");
        return;
    }
    answer_ = Answer{status, fields_of(headers, count), std::string(sdk::text_of(body))};
    changed_.notify_all();
}

std::vector<std::string> Session::sent() const {
    const std::lock_guard lock(mutex_);
    return sent_;
}

std::vector<std::string> Session::streams() const {
    const std::lock_guard lock(mutex_);
    return streams_;
}

std::optional<std::uint32_t> Session::closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
}

}  // namespace belfry::testkit
