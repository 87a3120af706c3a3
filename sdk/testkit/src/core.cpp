// The services every plugin uses: buffers, log, metrics, health, time and the executor.
#include "host_impl.hpp"

#include <atomic>
#include <bit>
#include <random>
#include <vector>

namespace belfry::testkit {
namespace {

using sdk::view;

struct CountedBuffer {
    bf_buf face{};  // first: a bf_buf pointer is a CountedBuffer pointer
    std::atomic<std::uint64_t> owners{1};
    std::vector<std::uint8_t> content;
};

CountedBuffer& counted(bf_buf* buf) { return *reinterpret_cast<CountedBuffer*>(buf); }

bf_buf* buf_make(bf_bytes content) {
    auto made = std::make_unique<CountedBuffer>();
    made->content.assign(content.ptr, content.ptr + content.len);
    made->face = {made->content.data(), made->content.size()};
    return &made.release()->face;
}

void buf_ref(bf_buf* buf) { counted(buf).owners.fetch_add(1, std::memory_order_relaxed); }

void buf_unref(bf_buf* buf) {
    if (counted(buf).owners.fetch_sub(1, std::memory_order_acq_rel) == 1) {
        const std::unique_ptr<CountedBuffer> last(&counted(buf));
    }
}

void fail(const bf_host* host, bf_str reason) {
    auto& impl = *reinterpret_cast<Host::Impl*>(const_cast<bf_host*>(host));
    const std::lock_guard lock(impl.mutex);
    impl.failure = view(reason);
}

void log(bf_env* env, std::uint32_t level, bf_str event, const bf_pair* fields,
         std::uint64_t count) {
    Seat& seat = Seat::of(env);
    seat.check_running("log");
    auto& impl = seat.host().impl();
    const std::lock_guard lock(impl.mutex);
    impl.logs.push_back({seat.name(), static_cast<sdk::Level>(level), std::string(view(event)),
                         fields_of(fields, count)});
}

// The signature is the ABI's. NOLINTNEXTLINE(readability-function-size)
bf_metric* metric(bf_env* env, std::uint32_t kind, bf_str name, bf_str /*help*/,
                  const bf_pair* labels, std::uint64_t count) {
    Seat& seat = Seat::of(env);
    auto& impl = seat.host().impl();
    const auto key = Host::Impl::metric_key(seat.name(), view(name), fields_of(labels, count));
    const std::lock_guard lock(impl.mutex);
    auto& cell = impl.metrics[key];
    if (!cell) {
        cell = std::make_unique<MetricCell>();
        cell->kind = kind;
    } else if (cell->kind != kind) {
        seat.violate("metric " + std::string(view(name)) + " was made with two kinds");
    }
    return reinterpret_cast<bf_metric*>(cell.get());
}

void metric_add(bf_metric* metric, double value) {
    auto& cell = *reinterpret_cast<MetricCell*>(metric);
    cell.value += cell.kind == BF_METRIC_HISTOGRAM ? 1 : value;
}

void metric_set(bf_metric* metric, double value) {
    reinterpret_cast<MetricCell*>(metric)->value = value;
}

void health(bf_env* env, std::uint32_t state, bf_str reason) {
    Seat& seat = Seat::of(env);
    seat.check_running("health");
    auto& impl = seat.host().impl();
    const std::lock_guard lock(impl.mutex);
    impl.health[seat.name()] = {static_cast<sdk::Health>(state), std::string(view(reason))};
}

void random_bytes(bf_env* /*env*/, std::uint8_t* out, std::uint64_t len) {
    std::random_device source;
    for (std::uint64_t at = 0; at < len; ++at) {
        out[at] = static_cast<std::uint8_t>(source());
    }
}

void post(bf_env* env, void* ctx, void (*run)(void*, std::uint32_t)) {
    Seat& seat = Seat::of(env);
    seat.check_running("post");
    seat.executor().post([ctx, run] { run(ctx, 1); });
}

bf_timer* timer(bf_env* env, std::int64_t delay, void* ctx, void (*run)(void*, std::uint32_t)) {
    Seat& seat = Seat::of(env);
    seat.check_running("timer");
    // The handle is a number and never followed.
    return std::bit_cast<bf_timer*>(
        seat.executor().after(delay, [ctx, run] { run(ctx, 1); }, [ctx, run] { run(ctx, 0); }));
}

std::uint32_t timer_cancel(bf_env* env, bf_timer* timer) {
    return Seat::of(env).executor().cancel(std::bit_cast<std::uint64_t>(timer)) ? 1 : 0;
}

}  // namespace

void fill_core(bf_host& table) {
    table.fail = fail;
    table.buf_make = buf_make;
    table.buf_ref = buf_ref;
    table.buf_unref = buf_unref;
    table.log = log;
    table.metric = metric;
    table.metric_add = metric_add;
    table.metric_set = metric_set;
    table.health = health;
    table.now = [](bf_env* env) { return Seat::of(env).host().now(); };
    table.monotonic = [](bf_env* env) { return Seat::of(env).host().monotonic(); };
    table.random = random_bytes;
    table.post = post;
    table.timer = timer;
    table.timer_cancel = timer_cancel;
}

}  // namespace belfry::testkit
