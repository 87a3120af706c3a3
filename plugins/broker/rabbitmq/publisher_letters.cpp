// The publisher's letters: sent, returned, confirmed.
#include "plugins/broker/rabbitmq/publisher.hpp"
#include "plugins/broker/rabbitmq/table.hpp"

#include <algorithm>
#include <utility>

namespace belfry::rabbitmq {

namespace {

constexpr amqp_channel_t kChannel = 1;
constexpr std::int64_t kConfirmPatience = 30'000'000'000;
constexpr std::int64_t kRetryWhenRefused = 1'000'000'000;
constexpr std::size_t kBetweenReads = 64;

/// As messages of the server name it.
std::string quoted(const std::string& exchange) {
    return "'" + (exchange.empty() ? "amq.default" : exchange) + "'";
}

bool is_about_size(const Trouble& trouble) {
    return trouble.code == AMQP_PRECONDITION_FAILED &&
           std::string_view(trouble.what()).contains("message size");
}

}  // namespace

void Publisher::open_channel() {
    connection_->open_channel(kChannel);
    amqp_confirm_select(connection_->get(), kChannel);
    connection_->require(kChannel);
    assembler_ = Assembler();
    last_tag_ = 0;
}

void Publisher::send_all() {
    if (is_blocked_) {
        return;
    }
    auto letters = take_outbox();
    std::size_t sent = 0;
    try {
        while (!letters.empty()) {
            auto letter = std::move(letters.front());
            letters.pop_front();
            send(std::move(letter));
            if (++sent % kBetweenReads == 0) {
                while (const auto frame = connection_->next()) {
                    take(*frame);
                }
            }
        }
    } catch (const Trouble& trouble) {
        tell_all(std::move(letters), {sdk::Status::retry, place_ + ": " + trouble.what()});
        throw;
    }
}

void Publisher::send(Letter letter) {
    if (!check_exchange(letter)) {
        return;
    }
    letter.sent_at = env_.monotonic();
    const auto kept = unconfirmed_.emplace(last_tag_ + 1, std::move(letter)).first;
    const Message& message = kept->second.message;
    auto properties = message.properties(true);
    Pool pool;
    if (!message.headers.empty()) {
        properties._flags |= AMQP_BASIC_HEADERS_FLAG;
        properties.headers = decode(message.headers, pool);
    }
    scratch_.resize(connection_->frame_room());
    if (amqp_encode_properties(AMQP_BASIC_CLASS, &properties, bytes_of(scratch_)) < 0) {
        auto refused = unconfirmed_.extract(kept);
        tell(refused.mapped(),
             {sdk::Status::invalid, "headers: expected at most " + std::to_string(scratch_.size()) +
                                        " bytes (frame_max), found more"});
        return;
    }
    ++last_tag_;
    Connection::require_sent(amqp_basic_publish(
        connection_->get(), kChannel, bytes_of(message.exchange), bytes_of(message.routing_key), 1,
        0, &properties, bytes_of(message.body)));
}

bool Publisher::check_exchange(Letter& letter) {
    const std::string& name = letter.message.exchange;
    if (name.empty() || exchanges_.contains(name)) {
        return true;
    }
    try {
        probe_->find_exchange(name);
    } catch (const Trouble& trouble) {
        const auto failure = trouble.failure(place_);
        if (trouble.kind != Trouble::Kind::channel || trouble.code == AMQP_NOT_FOUND) {
            tell(letter, {failure.status, failure.what()});
        }
        if (trouble.kind != Trouble::Kind::channel) {
            throw;
        }
        if (trouble.code == AMQP_NOT_FOUND) {
            return false;
        }
    }
    exchanges_.insert(name);
    return true;
}

void Publisher::take(const amqp_frame_t& frame) {
    if (frame.channel != kChannel) {
        return;
    }
    if (Assembler::is_part(frame)) {
        if (const auto content = assembler_.take(frame)) {
            take_return(*content);
        }
        return;
    }
    const auto& method = frame.payload.method;
    if (method.id == AMQP_BASIC_ACK_METHOD) {
        const auto& ack = *static_cast<const amqp_basic_ack_t*>(method.decoded);
        confirm(ack.delivery_tag, ack.multiple != 0, true);
    } else if (method.id == AMQP_BASIC_NACK_METHOD) {
        const auto& nack = *static_cast<const amqp_basic_nack_t*>(method.decoded);
        confirm(nack.delivery_tag, nack.multiple != 0, false);
    } else if (method.id == AMQP_CHANNEL_CLOSE_METHOD) {
        channel_closed(connection_->closed_by(frame));
    }
}

// It is confirmed soon after. What came back is known by its place, size, id and stamp.
void Publisher::take_return(const Content& content) {
    const Message& back = content.message;
    const auto is_same = [&](const Letter& letter, bool exactly) {
        const Message& sent = letter.message;
        return letter.verdict.status == sdk::Status::ok && sent.exchange == back.exchange &&
               sent.routing_key == back.routing_key && sent.body.size() == back.body.size() &&
               sent.text(Text::message_id) == back.text(Text::message_id) &&
               (!exactly || sent.headers == back.headers);
    };
    for (const bool exactly : {true, false}) {
        for (auto& [tag, letter] : unconfirmed_) {
            if (is_same(letter, exactly)) {
                letter.verdict = {sdk::Status::not_found,
                                  place_ + ": exchange " + quoted(back.exchange) +
                                      " leads with routing key '" + back.routing_key +
                                      "' to no queue: " + content.reply_text};
                return;
            }
        }
    }
}

void Publisher::confirm(std::uint64_t tag, bool multiple, bool taken) {
    const auto first = multiple ? unconfirmed_.begin() : unconfirmed_.find(tag);
    const auto last = unconfirmed_.upper_bound(tag);
    if (first == unconfirmed_.end()) {
        return;
    }
    std::deque<Letter> letters;
    for (auto at = first; at != last; at = unconfirmed_.erase(at)) {
        letters.push_back(std::move(at->second));
    }
    const Verdict refused{sdk::Status::retry, place_ + ": the queue does not take the message",
                          kRetryWhenRefused};
    for (auto& letter : letters) {
        tell(letter, taken ? letter.verdict : refused);
    }
}

void Publisher::channel_closed(const Trouble& trouble) {
    env_.log(sdk::Level::warning, "channel closed by the broker",
             {{"place", place_}, {"connection", "publisher"}, {"reason", trouble.what()}});
    exchanges_.clear();
    auto letters = std::exchange(unconfirmed_, {});
    const auto largest = std::max_element(letters.begin(), letters.end(), [](auto& a, auto& b) {
        return a.second.message.body.size() < b.second.message.body.size();
    });
    if (is_about_size(trouble) && largest != letters.end()) {
        largest->second.verdict = {sdk::Status::invalid, place_ + ": " + trouble.what()};
    }
    const auto failure = trouble.failure(place_);
    const bool is_about_exchange =
        trouble.code == AMQP_NOT_FOUND || trouble.code == AMQP_ACCESS_REFUSED;
    const std::string_view text = trouble.what();
    for (auto& [tag, letter] : letters) {
        if (letter.verdict.status != sdk::Status::ok) {
            tell(letter, letter.verdict);
        } else if (is_about_exchange && text.contains(quoted(letter.message.exchange))) {
            tell(letter, {failure.status, failure.what()});
        } else {
            tell(letter, {sdk::Status::retry, failure.what()});
        }
    }
    open_channel();
}

void Publisher::give_up_old() {
    const std::int64_t oldest = env_.monotonic() - kConfirmPatience;
    while (!unconfirmed_.empty() && unconfirmed_.begin()->second.sent_at < oldest) {
        auto letter = unconfirmed_.extract(unconfirmed_.begin());
        tell(letter.mapped(), {sdk::Status::retry, place_ + ": was not confirmed in 30 s"});
    }
}

void Publisher::tell(Letter& letter, const Verdict& verdict) {
    {
        const std::lock_guard lock(mutex_);
        --open_;
        open_bytes_ -= letter.message.bytes();
    }
    (verdict.status == sdk::Status::ok ? published_ : failed_).add();
    letter.told(verdict);
}

void Publisher::tell_all(std::deque<Letter> letters, const Verdict& verdict) {
    for (auto& letter : letters) {
        tell(letter, verdict);
    }
}

void Publisher::tell_unconfirmed(const Verdict& verdict) {
    auto letters = std::exchange(unconfirmed_, {});
    for (auto& [tag, letter] : letters) {
        tell(letter, letter.verdict.status == sdk::Status::ok ? verdict : letter.verdict);
    }
}

}  // namespace belfry::rabbitmq
