/// Links without sockets: what the daemon keeps for a session transport, in the test's hands.
#pragma once

#include "belfry/testkit/plugin.hpp"
#include "belfry/testkit/request.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace belfry::testkit {

struct Attach {
    std::string dialect, credential, device, since, key;
};

struct ClientMessage {
    std::string content;
    bool is_text = true;
};

/// One link. Calls go straight to the plugin on the test's thread, which therefore is the link's
/// thread. Breaking the order of calls (two answers, a write after finish ...) is a violation.
/// Stays where it is: neither copied nor moved.
class Link {
public:
    explicit Link(const Instance& instance);
    /// Calls `closed` if that was not done.
    ~Link();
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    // ---- the daemon's side
    void open(const Request& request);
    void read(std::string_view bytes);
    /// Answers an attach with success.
    void accept();
    /// Answers an attach with a refusal.
    void reject(sdk::Status status, std::uint32_t http_status, std::string_view message,
                std::string_view problem = {});
    void messages(const std::vector<bf_outgoing>& messages);
    void close(std::uint32_t code, std::string_view reason);
    void ring();
    void joined(Link* owner);
    void closed();

    // ---- what the plugin did
    [[nodiscard]] const std::optional<Answer>& responded() const { return responded_; }
    [[nodiscard]] const std::optional<Answer>& upgraded() const { return upgraded_; }
    [[nodiscard]] bool finished() const { return finished_; }
    [[nodiscard]] const std::optional<Attach>& attach() const { return attach_; }
    [[nodiscard]] const std::vector<ClientMessage>& received() const { return received_; }
    /// The client's messages so far, and takes them.
    std::vector<ClientMessage> take_received() { return std::exchange(received_, {}); }
    [[nodiscard]] std::size_t alive() const { return alive_; }
    [[nodiscard]] std::int64_t timer() const { return timer_; }
    [[nodiscard]] std::uint64_t wanted() const { return wanted_; }
    [[nodiscard]] const std::vector<std::string>& joins() const { return joins_; }
    /// All bytes written so far, and takes them.
    [[nodiscard]] std::string take_written() { return std::exchange(written_, {}); }
    /// What `open` returned.
    [[nodiscard]] void* state() const { return state_; }

    struct Table;  ///< the bf_host functions of links

private:
    friend struct Table;
    void violate(const std::string& what) const;
    [[nodiscard]] const bf_transport& transport() const;

    const Instance& instance_;
    void* state_ = nullptr;
    bool opened_ = false;
    bool closed_ = false;
    std::optional<Answer> responded_;
    std::optional<Answer> upgraded_;
    bool finished_ = false;
    bool attaching_ = false;
    std::optional<Attach> attach_;
    std::vector<ClientMessage> received_;
    std::size_t alive_ = 0;
    std::int64_t timer_ = 0;
    std::uint64_t wanted_ = 0;
    std::vector<std::string> joins_;
    std::string written_;
};

/// The bytes of a finished frame.
std::string frame(const Instance& instance, std::uint32_t kind, std::string_view payload,
                  std::string_view token = {}, std::string_view event = {});

}  // namespace belfry::testkit
