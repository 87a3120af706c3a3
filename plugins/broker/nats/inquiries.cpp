#include "plugins/broker/nats/inquiries.hpp"

#include "plugins/broker/nats/grave.hpp"
#include "plugins/broker/nats/jetstream.hpp"
#include "plugins/broker/nats/subject.hpp"

#include <algorithm>
#include <deque>
#include <vector>

namespace belfry::nats {

namespace json = boost::json;

namespace {

constexpr std::uint64_t kMostListed = 10'000;

std::string stream_of_dead(const Link& link, const SourceSettings& source) {
    if (source.dead_letters.empty()) {
        throw sdk::Failure(sdk::Status::not_found, "the source has no dead letters");
    }
    auto stream = stream_of(link, source.dead_letters);
    if (stream.empty()) {
        throw sdk::Failure(sdk::Status::not_found,
                           "no stream keeps the dead letters' subject " + source.dead_letters);
    }
    return stream;
}

std::uint64_t count_of(const Link& link, const std::string& subject) {
    const auto stream = stream_of(link, subject);
    if (stream.empty()) {
        return UINT64_MAX;
    }
    const auto info = ask(link, "STREAM.INFO." + stream, {{"subjects_filter", subject}});
    const auto& subjects = object_at(object_at(info, "state"), "subjects");
    return static_cast<std::uint64_t>(number_at(subjects, subject));
}

void send_back(const Link& link, const Settings& settings, const SourceSettings& source,
               const Draft& draft) {
    const bool is_core = source.stream.empty() || settings.is_core(draft.subject);
    if (!is_subject(draft.subject)) {
        throw sdk::Failure(sdk::Status::invalid, "a dead letter has no subject that it came from");
    }
    if (is_core) {
        if (link.send(make_message(draft)) != NATS_OK || !link.flush()) {
            throw sdk::Failure(sdk::Status::unavailable, draft.subject + ": connection lost");
        }
        return;
    }
    const auto answer = link.request(make_message(draft));
    json::error_code error;
    const auto body = body_of(answer);
    const auto document = json::parse(json::string_view(body.data(), body.size()), error);
    const bool is_kept = !error && document.is_object() &&
                         !document.get_object().contains("error") &&
                         document.get_object().contains("stream");
    if (!is_kept) {
        throw sdk::Failure(sdk::Status::retry, draft.subject + ": JetStream refuses it");
    }
}

}  // namespace

sdk::SourceStats ask_stats(const Link& link, const SourceSettings& source, sdk::SourceStats known) {
    if (!source.stream.empty()) {
        const auto info = ask(link, "CONSUMER.INFO." + source.stream + "." + source.durable);
        known.lag = static_cast<std::uint64_t>(number_at(info, "num_pending"));
        const auto next = number_at(object_at(info, "delivered"), "stream_seq") + 1;
        const auto filter = text_at(object_at(info, "config"), "filter_subject");
        if (known.lag > 0) {
            const auto oldest = read_stored(link, source.stream, static_cast<std::uint64_t>(next),
                                            filter.empty() ? ">" : filter);
            known.oldest = oldest ? oldest->time : 0;
        }
    }
    if (!source.dead_letters.empty()) {
        known.dead_letters = count_of(link, source.dead_letters);
    }
    return known;
}

void list_dead_letters(const Link& link, const SourceSettings& source, std::uint64_t limit,
                       sdk::Done<sdk::DeadLetters>& done) {
    const auto stream = stream_of_dead(link, source);
    std::deque<DeadLetter> found;
    std::vector<bf_message> messages;
    std::uint64_t next = 1;
    for (std::uint64_t i = 0; i < std::min(limit, kMostListed); ++i) {
        auto stored = read_stored(link, stream, next, source.dead_letters);
        if (!stored) {
            break;
        }
        next = stored->sequence + 1;
        messages.push_back(found.emplace_back(std::move(*stored)).wire());
    }
    done.ok({messages});
}

std::uint64_t replay_dead_letters(const Link& link, const Settings& settings,
                                  const SourceSettings& source, const ReplayLimits& limits) {
    const auto stream = stream_of_dead(link, source);
    std::uint64_t replayed = 0;
    std::uint64_t next = 1;
    while (replayed < limits.count) {
        auto stored = read_stored(link, stream, next, source.dead_letters);
        if (!stored) {
            break;
        }
        const DeadLetter letter(std::move(*stored));
        if (letter.died_at() >= limits.before) {
            break;
        }
        send_back(link, settings, source, letter.revived(stream));
        delete_stored(link, stream, letter.sequence());
        next = letter.sequence() + 1;
        ++replayed;
    }
    return replayed;
}

}  // namespace belfry::nats
