/// What Host keeps, and the parts its table is filled from.
#pragma once

#include "belfry/testkit/memory_host.hpp"
#include "belfry/testkit/seat.hpp"

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace belfry::testkit {

struct MetricCell {
    std::uint32_t kind = BF_METRIC_COUNTER;
    std::atomic<double> value{0};
};

struct Host::Impl {
    /// First, so that a bf_host pointer finds its host.
    bf_host table{};
    Host* owner = nullptr;

    mutable std::mutex mutex;
    std::vector<LogLine> logs;
    std::map<std::string, std::unique_ptr<MetricCell>> metrics;
    std::map<std::string, HealthReport, std::less<>> health;
    std::string failure;
    std::vector<std::shared_ptr<Seat>> seats;
    std::atomic<std::int64_t> skipped{0};  ///< by advance
    Violations violations;

    std::shared_ptr<Seat> seat(std::string name);
    static std::string metric_key(std::string_view instance, std::string_view name,
                                  const Fields& labels);
};

Fields fields_of(const bf_pair* pairs, std::uint64_t count);

void fill_core(bf_host& table);      // fail, buffers, log, metrics, health, time, executor
void fill_services(bf_host& table);  // ingest, call, transaction, egress
void fill_links(bf_host& table);     // link_*
void fill_apps(bf_host& table);      // reply, session_*

}  // namespace belfry::testkit
