#include "daemon/live/bus.hpp"

#include "daemon/base/log.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

namespace belfry::live {
namespace {

constexpr Nanos kBeat = kSecond;
/// Without a beat of one's own for so long, the bus carries nothing.
constexpr Nanos kSilence = 5 * kSecond;
/// After messages were missed, their streams are looked for in the storage for so long.
constexpr Nanos kHurry = 10 * kSecond;
/// A message that has grown to this is sent; the next begins.
constexpr std::size_t kFull = 64 * 1024;

struct Addressed {
    std::uint32_t partition;
    const Place* place;
};

/// Those of one partition and one stream beside each other, in their order.
std::vector<Addressed> sort_places(const std::vector<Place>& places, std::uint32_t partitions) {
    std::vector<Addressed> sorted;
    sorted.reserve(places.size());
    for (const Place& place : places) {
        sorted.push_back({partition_of(place.stream, partitions), &place});
    }
    std::ranges::stable_sort(sorted, [](const Addressed& left, const Addressed& right) {
        return std::tie(left.partition, left.place->stream) <
               std::tie(right.partition, right.place->stream);
    });
    return sorted;
}

bool continues(const Place& place, const Place& next) {
    return place.stream == next.stream && place.epoch == next.epoch &&
           place.entry.seq + 1 == next.entry.seq;
}

}  // namespace

Bus::Bus(Parts parts, BusSettings settings)
    : parts_(std::move(parts)), settings_(std::move(settings)), run_(parts_.random.next()),
      numbers_(settings_.partitions),
      sent_(parts_.metrics.counter("belfry_bus_sent_total", "Messages given to the bus.")),
      sent_bytes_(parts_.metrics.counter("belfry_bus_sent_bytes_total", "Their bytes.")),
      heard_(parts_.metrics.counter("belfry_bus_heard_total", "Messages of other nodes heard.")),
      unwanted_(parts_.metrics.counter("belfry_bus_unwanted_total",
                                       "Streams heard of that nobody follows here.")),
      missed_(parts_.metrics.counter("belfry_bus_missed_total",
                                     "Messages of other nodes that were not heard.")),
      rejected_(parts_.metrics.counter("belfry_bus_rejected_total",
                                       "Messages that are none of the bus, or damaged.")),
      lag_(parts_.metrics.seconds("belfry_bus_lag_seconds",
                                  "From a node's sending to hearing it here, by their clocks.")),
      peers_gauge_(parts_.metrics.gauge("belfry_bus_peers", "Other nodes heard lately.")) {}

void Bus::start() {
    self_heard_at_ = parts_.clock.monotonic();
    listen();
    beat();
}

void Bus::listen() {
    std::vector<std::uint32_t> partitions(settings_.partitions);
    std::iota(partitions.begin(), partitions.end(), 0U);
    parts_.broker.listen(
        partitions, parts_.core,
        [this](std::uint32_t partition, const SharedBytes& message) { hear(partition, message); },
        [this](const Result<>& done) {
            listen_failure_ = done ? "" : done.error().message;
            if (!done && done.error().code != Code::closed) {
                log::warning("the bus cannot be heard", {{"reason", listen_failure_}});
                parts_.core.after(kSilence, [this] { listen(); });
            }
        });
}

void Bus::beat() {
    flush({}, static_cast<std::uint32_t>(beats_++ % settings_.partitions));
    look(parts_.clock.monotonic());
    parts_.core.after(kBeat, [this] { beat(); });
}

void Bus::look(Nanos now) {
    peers_.forget(now);
    peers_gauge_.Set(static_cast<double>(peers_.size()));
    std::string found = find_trouble(now);
    const bool has_missed = missed_at_ != 0 && now - missed_at_ < kHurry;
    parts_.hub.hurry(!found.empty() || has_missed);
    const std::lock_guard lock(mutex_);
    if (found.empty() != trouble_.empty()) {
        log::warning(found.empty() ? "the bus works again" : "the bus is degraded",
                     {{"reason", found}});
    }
    trouble_ = std::move(found);
}

std::string Bus::find_trouble(Nanos now) const {
    if (std::string broker = parts_.broker_trouble(); !broker.empty()) {
        return broker;
    }
    if (!listen_failure_.empty()) {
        return "cannot listen: " + listen_failure_;
    }
    if (now - self_heard_at_ > kSilence) {
        return "nothing has been heard for " + std::to_string((now - self_heard_at_) / kSecond) +
               " s, not even this node";
    }
    if (peers_.has(settings_.node, now)) {
        return "another node is named " + settings_.node + ", too";
    }
    if (!odd_node_.empty()) {
        return "node " + odd_node_ + " has another number of bus.partitions";
    }
    return {};
}

std::string Bus::trouble() const {
    const std::lock_guard lock(mutex_);
    return trouble_;
}

void Bus::send(const std::vector<Place>& places) {
    const std::vector<Addressed> sorted = sort_places(places, settings_.partitions);
    BusWriter writer;
    std::vector<const Place*> run;
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        const auto [partition, place] = sorted[i];
        const bool is_last = i + 1 == sorted.size();
        run.push_back(place);
        if (!is_last && continues(*place, *sorted[i + 1].place)) {
            continue;
        }
        writer.add(run, settings_.inline_bytes);
        run.clear();
        if (is_last || sorted[i + 1].partition != partition || writer.size() >= kFull) {
            flush(std::exchange(writer, {}), partition);
        }
    }
}

void Bus::flush(const BusWriter& writer, std::uint32_t partition) {
    const std::string message = writer.finish(
        {settings_.node, run_, ++numbers_[partition], parts_.clock.now(), settings_.partitions});
    sent_.Increment();
    sent_bytes_.Increment(static_cast<double>(message.size()));
    parts_.broker.broadcast(partition, bytes_of(message));
}

void Bus::hear(std::uint32_t partition, const SharedBytes& message) {
    auto read = read_bus_message(
        message.view(), [this](std::string_view stream) { return parts_.hub.may_follow(stream); },
        run_);
    if (!read) {
        rejected_.Increment();
        return;
    }
    if (read->sender.run == run_) {
        self_heard_at_ = parts_.clock.monotonic();
        return;
    }
    take(partition, std::move(*read));
}

void Bus::take(std::uint32_t partition, BusMessage message) {
    const BusSender& sender = message.sender;
    const Nanos now = parts_.clock.monotonic();
    heard_.Increment();
    unwanted_.Increment(static_cast<double>(message.unwanted));
    const Nanos lag = std::max<Nanos>(parts_.clock.now() - sender.sent_at, 0);
    lag_.Observe(static_cast<double>(lag) / kSecond);
    if (const std::uint64_t missed = peers_.note(sender, partition, now); missed > 0) {
        missed_.Increment(static_cast<double>(missed));
        missed_at_ = now;
    }
    if (sender.partitions != settings_.partitions) {
        odd_node_ = sender.node;
    } else if (odd_node_ == sender.node) {
        odd_node_.clear();
    }
    if (!message.heard.places.empty() || !message.heard.heads.empty()) {
        parts_.hub.hear(std::make_shared<const Heard>(std::move(message.heard)));
    }
}

}  // namespace belfry::live
