#include "tests/simulation/client.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace belfry::sim {
namespace {

constexpr std::size_t kQueueBytes = 4096;

/// What the session's queue would carry beside entries.
std::string marker(std::string_view op, std::string_view stream, const live::Position& position) {
    return R"({"op":")" + std::string(op) + R"(","stream":")" + std::string(stream) +
           R"(","token":")" + Token{position.head.epoch, position.seq}.print() +
           R"(","recovered":)" + (position.recovered ? "true" : "false") + "}\n";
}

/// A stream that did not exist yet has epoch 0.
bool is_same_epoch(const Token& former, const Token& token) {
    return former.epoch == token.epoch || former == Token{};
}

}  // namespace

SharedBytes LineTransport::frame(const bf_outgoing& message) {
    const ByteView payload{message.payload.ptr, message.payload.len};
    const std::vector<ByteView> parts{payload, bytes_of(std::string_view("\n"))};
    return SharedBytes::concat(parts);
}

Client::Client(World& world, std::string name, const live::Encoder& encoder,
               std::vector<std::string> streams)
    : world_(world), name_(std::move(name)), encoder_(encoder), streams_(std::move(streams)) {}

Client::~Client() { disconnect(); }

void Client::connect(SimExecutor& /*shard*/, live::ShardHub& hub) {
    hub_ = &hub;
    for (const std::string& stream : streams_) {
        auto& subscription =
            subscriptions_.emplace_back(std::make_unique<live::Subscription>(*this));
        live::Since since;
        if (const auto token = tokens_.find(stream); token != tokens_.end()) {
            since = {live::Since::From::token, token->second, {}};
        }
        hub.follow(*subscription, stream, since);
    }
}

/// What was on its way is lost with the connection.
void Client::disconnect() {
    for (const auto& subscription : subscriptions_) {
        hub_->unfollow(*subscription);
    }
    subscriptions_.clear();
    queue_.clear();
    hub_ = nullptr;
}

void Client::take(std::size_t bytes) {
    if (queue_.empty() || hub_ == nullptr) {
        return;
    }
    // Whole lines only: the transport's frames are its own matter.
    auto end = queue_.find('\n', std::min(bytes, queue_.size() - 1));
    end = end == std::string::npos ? queue_.size() : end + 1;
    std::string taken = queue_.substr(0, end);
    queue_.erase(0, end);
    for (std::size_t from = 0; from < taken.size();) {
        const auto line_end = taken.find('\n', from);
        hear(taken.substr(from, line_end - from));
        from = line_end + 1;
    }
    if (queue_.empty()) {
        for (const auto& subscription : subscriptions_) {
            hub_->resume(*subscription);
        }
    }
}

std::uint64_t Client::seen(const std::string& stream) const {
    const auto token = tokens_.find(stream);
    return token == tokens_.end() ? 0 : token->second.seq;
}

bool Client::has_room(std::size_t bytes) const {
    return queue_.empty() || queue_.size() + bytes <= kQueueBytes;
}

void Client::push(const SharedBytes& frames) { queue_ += text_of(frames.view()); }

void Client::on_followed(live::Subscription& subscription, Result<live::Position> position) {
    ASSERT_TRUE(position) << position.error().message;
    queue_ += marker("hello", subscription.stream->name, *position);
    hub_->begin(subscription);
}

void Client::on_lost(live::Subscription& subscription, const live::Position& position) {
    queue_ += marker("lost", subscription.stream->name, position);
}

void Client::hear(const std::string& line) {
    world_.note(name_ + ' ' + line);
    const auto message = boost::json::parse(line).as_object();
    const std::string stream(message.at("stream").as_string());
    const auto token = Token::parse(std::string_view(message.at("token").as_string()));
    ASSERT_TRUE(token) << line;
    if (message.at("op").as_string() == "entry") {
        hear_entry(stream, *token);
        return;
    }
    const auto former = tokens_.find(stream);
    if (message.at("recovered").as_bool() && former != tokens_.end()) {
        EXPECT_EQ(former->second.seq, token->seq) << name_ << ": resumed elsewhere: " << line;
        EXPECT_TRUE(is_same_epoch(former->second, *token)) << name_ << ' ' << line;
    }
    tokens_[stream] = *token;
}

void Client::hear_entry(const std::string& stream, const Token& token) {
    const auto former = tokens_.find(stream);
    ASSERT_NE(former, tokens_.end()) << name_ << ": an entry before any hello";
    EXPECT_TRUE(is_same_epoch(former->second, token)) << name_ << ' ' << stream;
    EXPECT_EQ(former->second.seq + 1, token.seq) << name_ << ' ' << stream << ": gap or repeat";
    former->second = token;
}

}  // namespace belfry::sim
