#include "plugins/delivery/websocket/connection.hpp"

#include "plugins/delivery/websocket/frame.hpp"

#include <utility>
#include <vector>

namespace belfry::websocket {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

sdk::Bytes bytes_of(std::string_view text) { return sdk::view(sdk::bytes_of(text)); }

}  // namespace

Connection::Connection(const sdk::Env& env, sdk::Link link, std::uint32_t max_message)
    : env_(env), link_(link), max_message_(max_message) {}

void Connection::begin(Handshake handshake, std::string_view dialect) {
    handshake_ = std::make_unique<Handshake>(std::move(handshake));
    bf_attach how{};
    how.size = sizeof how;
    how.dialect = sdk::str(dialect);
    how.credential = sdk::str(handshake_->credential);
    how.device = sdk::str(handshake_->device);
    how.since = sdk::str(handshake_->since);
    link_.attach(how);
}

void Connection::attached(const bf_attached& result) {
    const auto handshake = std::exchange(handshake_, nullptr);
    if (!handshake) {
        return;
    }
    if (result.status == BF_OK) {
        stage_ = Stage::open;
        accept(link_, *handshake);
        return;
    }
    stage_ = Stage::over;
    std::vector<bf_pair> headers{{sdk::str("content-type"), sdk::str("application/problem+json")}};
    if (result.http_status == 401) {
        headers.push_back({sdk::str("www-authenticate"), sdk::str("Bearer")});
    }
    link_.respond(result.http_status, headers, sdk::view(result.problem));
}

void Connection::read(sdk::Bytes bytes) {
    if (!listening()) {
        return;
    }
    if (!receiver_) {
        Listener& self = *this;
        receiver_ = std::make_unique<Receiver>(self, max_message_);
    }
    receiver_->take(bytes);
    if (receiver_->idle() || !listening()) {
        receiver_.reset();
    }
}

void Connection::close(std::uint32_t code, std::string_view reason) {
    if (stage_ == Stage::handshake) {
        stage_ = Stage::over;
        handshake_.reset();
        refuse(link_, {503, "the server takes no connections now"});
        return;
    }
    const auto allowed = is_close_code(code) ? static_cast<std::uint16_t>(code) : kNormal;
    end(make_close(allowed, reason));
}

void Connection::on_message(sdk::Bytes message, bool is_text) { link_.message(message, is_text); }

void Connection::on_ping(sdk::Bytes payload) {
    if (is_flood()) {
        end(make_close(kPolicy, "too many pings"));
        return;
    }
    link_.alive();
    link_.write(bytes_of(make_frame(kPong, payload)));
}

void Connection::on_pong() { link_.alive(); }

void Connection::on_close(sdk::Bytes payload) { end(make_frame(kClose, payload)); }

void Connection::on_violation(const Violation& violation) {
    end(make_close(violation.code, violation.reason));
}

bool Connection::is_flood() {
    const std::int64_t now = env_.monotonic();
    if (now - pings_since_ >= kSecond) {
        pings_since_ = now;
        pings_ = 0;
    }
    return ++pings_ > kMostPings;
}

void Connection::end(const std::string& close_frame) {
    if (stage_ != Stage::open) {
        return;
    }
    stage_ = Stage::over;
    link_.write(bytes_of(close_frame));
    link_.finish();
}

}  // namespace belfry::websocket
