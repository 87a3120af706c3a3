#include "plugins/broker/nats/topology.hpp"

#include "plugins/broker/nats/jetstream.hpp"
#include "plugins/broker/nats/subject.hpp"
#include "plugins/broker/nats/times.hpp"

#include <algorithm>
#include <set>

namespace belfry::nats {

namespace json = boost::json;

namespace {

constexpr std::int64_t kUnlimited = -1;
// Messages that wait for a retry count, too.
constexpr std::int64_t kMostPending = 65'536;

json::array array_of(const std::vector<std::string>& texts) {
    json::array array;
    for (const auto& text : texts) {
        array.emplace_back(text);
    }
    return array;
}

std::string list_of(const std::vector<std::string>& texts) {
    std::string list;
    for (const auto& text : texts) {
        list += (list.empty() ? "" : ", ") + text;
    }
    return list.empty() ? "none" : list;
}

[[noreturn]] void differs(const std::string& what, const std::string& expected,
                          const std::string& found) {
    throw sdk::Failure(sdk::Status::invalid, what + ": expected " + expected + ", found " + found);
}

[[noreturn]] void missing(const std::string& what) {
    throw sdk::Failure(sdk::Status::not_found, what + ": not there, and topology is verify");
}

json::object make_stream(const Link& link, const SourceSettings& source, const std::string& name,
                         const std::vector<std::string>& subjects, const std::string& retention) {
    return ask(link, "STREAM.CREATE." + name,
               {{"name", name},
                {"subjects", array_of(subjects)},
                {"retention", retention},
                {"storage", source.storage},
                {"num_replicas", source.replicas},
                {"max_consumers", kUnlimited},
                {"max_msgs", kUnlimited},
                {"max_bytes", kUnlimited},
                {"max_msg_size", kUnlimited},
                {"discard", "old"}});
}

json::object stand_stream(const Link& link, const SourceSettings& source) {
    if (auto info = find(link, "STREAM.INFO." + source.stream)) {
        return *info;
    }
    if (!source.declare) {
        missing("stream " + source.stream);
    }
    return make_stream(link, source, source.stream, source.subjects, source.retention);
}

/// Empty where the consumer is to get all that the stream keeps.
std::vector<std::string> filter_for(const SourceSettings& source, const json::object& stream) {
    const auto kept = texts_at(object_at(stream, "config"), "subjects");
    const std::set<std::string> wanted(source.subjects.begin(), source.subjects.end());
    return wanted == std::set<std::string>(kept.begin(), kept.end()) ? std::vector<std::string>()
                                                                     : source.subjects;
}

json::object make_consumer(const Link& link, const SourceSettings& source,
                           const std::vector<std::string>& filter) {
    json::object config{{"durable_name", source.durable}, {"deliver_policy", source.deliver},
                        {"ack_policy", "explicit"},       {"ack_wait", source.ack_wait},
                        {"max_deliver", kUnlimited},      {"max_ack_pending", kMostPending},
                        {"replay_policy", "instant"}};
    if (filter.size() == 1) {
        config["filter_subject"] = filter.front();
    } else if (!filter.empty()) {
        config["filter_subjects"] = array_of(filter);
    }
    return ask(link, "CONSUMER.DURABLE.CREATE." + source.stream + "." + source.durable,
               {{"stream_name", source.stream}, {"config", config}});
}

void check_filter(const std::string& what, const SourceSettings& source, const json::object& stream,
                  const json::object& config) {
    auto found = texts_at(config, "filter_subjects");
    if (const auto one = text_at(config, "filter_subject"); !one.empty()) {
        found.push_back(one);
    }
    const auto kept = texts_at(object_at(stream, "config"), "subjects");
    const auto& all = found.empty() ? kept : found;
    const std::set<std::string> wanted(source.subjects.begin(), source.subjects.end());
    if (!wanted.empty() && wanted != std::set<std::string>(all.begin(), all.end())) {
        differs(what + " filter", list_of(source.subjects), list_of(all));
    }
}

void check_consumer(const SourceSettings& source, const json::object& stream,
                    const json::object& config, std::uint64_t max_in_flight) {
    const std::string what = "consumer " + source.durable + " of stream " + source.stream + ":";
    if (const auto subject = text_at(config, "deliver_subject"); !subject.empty()) {
        differs(what, "a pull consumer", "one that pushes to " + subject);
    }
    if (const auto policy = text_at(config, "ack_policy"); policy != "explicit") {
        differs(what + " ack policy", "explicit", policy);
    }
    check_filter(what, source, stream, config);
    const auto pending = number_at(config, "max_ack_pending");
    if (pending > 0 && static_cast<std::uint64_t>(pending) < max_in_flight) {
        differs(what + " max_ack_pending",
                "at least " + std::to_string(max_in_flight) + ", the source's max_in_flight",
                std::to_string(pending));
    }
    const auto deliveries = number_at(config, "max_deliver");
    if (deliveries > 0 && static_cast<std::uint64_t>(deliveries) <= source.retry.limit) {
        differs(what + " max_deliver",
                "unlimited, or more than retry.limit " + std::to_string(source.retry.limit),
                std::to_string(deliveries));
    }
}

void stand_dead_letters(const Link& link, const SourceSettings& source) {
    if (!stream_of(link, source.dead_letters).empty()) {
        return;
    }
    if (!source.declare) {
        missing("a stream that keeps the dead letters' subject " + source.dead_letters);
    }
    (void)make_stream(link, source, source.durable + "_DLQ", {source.dead_letters}, "limits");
}

/// The shortest time a message may be held: a backoff takes the place of ack_wait.
std::int64_t lease_of(const json::object& config) {
    auto shortest = number_at(config, "ack_wait");
    if (const auto* backoff = config.if_contains("backoff");
        backoff != nullptr && backoff->is_array()) {
        for (const auto& step : backoff->get_array()) {
            const auto wait = step.is_int64() ? step.get_int64() : shortest;
            shortest = std::min(shortest, wait);
        }
    }
    return shortest;
}

}  // namespace

Standing stand(const Link& link, const SourceSettings& source, std::uint64_t max_in_flight) {
    const auto stream = stand_stream(link, source);
    const std::string path = source.stream + "." + source.durable;
    auto consumer = find(link, "CONSUMER.INFO." + path);
    if (!consumer && !source.declare) {
        missing("consumer " + source.durable + " of stream " + source.stream);
    }
    if (!consumer) {
        consumer = make_consumer(link, source, filter_for(source, stream));
    }
    const auto& config = object_at(*consumer, "config");
    check_consumer(source, stream, config, max_in_flight);
    stand_dead_letters(link, source);
    return {parse_time(text_at(stream, "created")),
            parse_time(text_at(*consumer, "created")),
            lease_of(config),
            static_cast<std::uint64_t>(std::max<std::int64_t>(number_at(config, "max_batch"), 0)),
            number_at(config, "max_expires"),
            text_at(object_at(stream, "config"), "retention") == "limits"};
}

}  // namespace belfry::nats
