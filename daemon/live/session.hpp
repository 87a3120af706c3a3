/// One attached client.
#pragma once

#include "daemon/identity/principal.hpp"
#include "daemon/live/dialect.hpp"
#include "daemon/live/encoder.hpp"
#include "daemon/live/follower.hpp"
#include "daemon/live/session_shard.hpp"
#include "daemon/net/exchange.hpp"
#include "daemon/net/stream.hpp"
#include "daemon/plugin/app.hpp"
#include "daemon/plugin/transport.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::live {

/// Close codes beyond RFC 6455's: 3000 to 3499 "come back", 3500 to 3999 "do not" (DESIGN 8).
constexpr std::uint32_t kCloseTooBig = 1009;
constexpr std::uint32_t kCloseRestart = 3000;
constexpr std::uint32_t kCloseStuck = 3001;
constexpr std::uint32_t kCloseSilent = 3002;
constexpr std::uint32_t kCloseUnauthenticated = 3500;
constexpr std::uint32_t kCloseRate = 3501;

/// A link, the transport's state of it, and the streams it follows. Lives on its shard's thread;
/// the bf_session functions may be called on any.
class Session final : public bf_link,
                      public bf_session,
                      public net::StreamHandler,
                      public Follower,
                      public std::enable_shared_from_this<Session> {
public:
    Session(SessionShard& shard, const Encoder& encoder);
    ~Session() override;

    /// Hands the request to the transport. Once. A trusted client without a credential is an admin.
    void open(net::Request request, net::Exchange exchange, std::uint64_t route, bool trusted);

    // ---- for dialects ---------------------------------------------------------------------------
    /// Only once logged in.
    [[nodiscard]] const Principal& principal() const { return *principal_; }
    [[nodiscard]] bool is_logged_in() const { return principal_ != nullptr; }
    [[nodiscard]] const std::string& device() const { return device_; }
    [[nodiscard]] const SessionSettings& settings() const { return shard_.settings(); }
    /// A message to this client only.
    void tell(std::string_view message, std::string_view event, std::string_view token = {});
    /// Late login; answered by the dialect's hello, or its `failed` and the end of the session.
    void login(std::string_view credential, std::string_view since, std::string_view device);
    /// Follows a further stream; answered by the dialect's `subscribed` or `failed`.
    void subscribe(const std::string& stream, std::string_view since);
    void unsubscribe(const std::string& stream);
    /// Everything up to `token` has been taken by this device; stored within a second.
    Result<> acknowledge(const std::string& stream, const Token& token);
    /// Everything up to `token` has been read by the user; stored within a second.
    Result<> mark_read(const std::string& stream, const Token& token);

    /// Tells the client to come back in `after`, and closes then.
    void go_away(Nanos after);
    /// Ends the session in the transport's way.
    void end(std::uint32_t code, std::string_view reason);

    // ---- bf_link --------------------------------------------------------------------------------
    void respond(std::uint32_t status, std::span<const bf_pair> headers, ByteView body) override;
    void upgrade(std::uint32_t status, std::span<const bf_pair> headers) override;
    void write(SharedBytes bytes) override;
    void finish() override;
    void attach(const bf_attach& how) override;
    void join(std::string_view key) override;
    void message(ByteView message, bool is_text) override;
    void alive() override;
    void timer(std::int64_t delay) override;
    void want(std::uint64_t bytes) override;

    // ---- bf_session -----------------------------------------------------------------------------
    void send(ByteView message) override;
    void set_streams(std::vector<std::string> streams) override;
    void close(std::uint32_t code, std::string_view reason) override;

    // ---- net::StreamHandler
    // -----------------------------------------------------------------------
    void on_bytes(ByteView bytes) override;
    void on_drained() override;
    void on_time() override;
    void on_closed() override;

    // ---- Follower -------------------------------------------------------------------------------
    [[nodiscard]] const Encoder& encoder() const override { return *encoder_; }
    [[nodiscard]] bool has_room(std::size_t bytes) const override;
    [[nodiscard]] bool is_drained() const override;
    void push(const SharedBytes& frames) override;
    void on_followed(Subscription& subscription, Result<Position> position) override;
    void on_lost(Subscription& subscription, const Position& position) override;

private:
    friend class SessionShard;

    /// What is only needed until the session is attached.
    struct Opening {
        std::unique_ptr<net::Exchange> exchange;
        net::Request request;
        bool trusted = false;
        std::string since;
        std::vector<std::string> greeting;
        std::vector<std::pair<Subscription*, Position>> positions;
        std::size_t awaited = 0;  ///< positions still to come
        /// For after hello: a stream, and from where it is followed, or that it is no longer.
        std::vector<std::pair<std::string, std::optional<std::string>>> wishes;
    };
    struct PendingAck {
        std::string stream;
        std::uint64_t epoch;
        std::uint64_t delivered;
        std::uint64_t read;
    };

    void follow_all(Result<SessionSetup> setup);
    void attached();
    void tell_attached();
    void refuse(const Error& error);
    void greet();
    void tell_presence(bool is_there);
    void watch();
    void check_life();
    [[nodiscard]] bool takes_message();
    [[nodiscard]] Subscription* find(std::string_view stream) const;
    void drop(Subscription& subscription);
    [[nodiscard]] Result<> may_follow(std::string_view stream) const;
    void wish(const std::string& stream, std::optional<std::string> since);
    static bool was_given(const Subscription& subscription, const Token& token);
    PendingAck& pending_ack(const std::string& stream, std::uint64_t epoch);
    void flush_acks();
    void store_read(const PendingAck& ack);
    void leave();

    SessionShard& shard_;
    const Encoder* encoder_;
    void* state_ = nullptr;  ///< the transport's
    net::Stream* stream_ = nullptr;
    std::unique_ptr<Opening> opening_;
    std::shared_ptr<const Principal> principal_;
    std::string device_;
    std::vector<std::unique_ptr<Subscription>> subscriptions_;
    std::vector<PendingAck> acks_;
    Nanos heard_at_ = 0;  ///< the client's last sign of life
    Nanos moved_at_ = 0;  ///< the queue's last sign of progress
    std::size_t queued_then_ = 0;
    std::uint32_t index_ = 0;  ///< in the shard's table
    std::uint32_t timer_ = 0;  ///< the transport's current timer
    float allowance_ = 0;      ///< messages the client may send now
    Nanos allowance_at_ = 0;
    bool is_attached_ = false;
    bool awaits_pong_ = false;
    bool is_leaving_ = false;
    bool is_over_ = false;  ///< the link takes nothing more
    bool has_left_ = false;
    bool is_present_ = false;  ///< counted as a session of its user
};

}  // namespace belfry::live
