#include "daemon/mailbox/source_metrics.hpp"

#include <algorithm>
#include <limits>

namespace belfry {
namespace {

double known(std::uint64_t count) {
    return count == UINT64_MAX ? std::numeric_limits<double>::quiet_NaN()
                               : static_cast<double>(count);
}

}  // namespace

SourceMetrics::SourceMetrics(Metrics& metrics, const std::string& source)
    : connected_(metrics.gauge("belfry_source_connected",
                               "1 while the source's subscription stands.", {{"source", source}})),
      lag_(metrics.gauge("belfry_source_lag", "Messages that wait at the broker; NaN = unknown.",
                         {{"source", source}})),
      oldest_(metrics.gauge("belfry_source_oldest_age_seconds",
                            "Age of the oldest message that waits at the broker; 0 = none.",
                            {{"source", source}})),
      in_flight_(metrics.gauge("belfry_source_in_flight", "Messages delivered and not settled.",
                               {{"source", source}})),
      waiting_dead_(metrics.gauge("belfry_source_dead_letters",
                                  "Messages at the dead-letter destination; NaN = unknown.",
                                  {{"source", source}})),
      redelivered_{metrics.counter("belfry_source_redelivered_total",
                                   "Messages that were delivered again.", {{"source", source}})},
      dead_{metrics.counter("belfry_source_dead_total",
                            "Messages that became dead letters, failed retries included.",
                            {{"source", source}})},
      reconnects_{metrics.counter("belfry_source_reconnects_total",
                                  "Connections to the broker made again.", {{"source", source}})},
      stalls_(metrics.counter("belfry_source_stalls_total",
                              "Times the source was consumed anew because nothing came.",
                              {{"source", source}})) {}

void SourceMetrics::Mirror::follow(std::uint64_t value) {
    // A smaller one was begun anew.
    counter.Increment(static_cast<double>(value >= last ? value - last : value));
    last = value;
}

void SourceMetrics::update(const SourceStats& stats, Nanos now) {
    connected_.Set(stats.connected ? 1 : 0);
    lag_.Set(known(stats.lag));
    const Nanos age = stats.oldest == 0 ? 0 : std::max<Nanos>(now - stats.oldest, 0);
    oldest_.Set(static_cast<double>(age) / kSecond);
    in_flight_.Set(static_cast<double>(stats.in_flight));
    waiting_dead_.Set(known(stats.dead_letters));
    redelivered_.follow(stats.redelivered);
    dead_.follow(stats.dead);
    reconnects_.follow(stats.reconnects);
}

}  // namespace belfry
