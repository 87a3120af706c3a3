/// The daemon as a plugin instance sees it.
#pragma once

#include "belfry/types.hpp"

#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace belfry::sdk {

/// A reference-counted immutable buffer of the daemon.
class Buffer {
public:
    Buffer() = default;
    /// Takes over one reference.
    Buffer(const bf_host* host, bf_buf* buf) : host_(host), buf_(buf) {}
    Buffer(const Buffer& other) : host_(other.host_), buf_(other.buf_) {
        if (buf_ != nullptr) {
            host_->buf_ref(buf_);
        }
    }
    Buffer(Buffer&& other) noexcept
        : host_(other.host_), buf_(std::exchange(other.buf_, nullptr)) {}
    Buffer& operator=(const Buffer& other) { return *this = Buffer(other); }
    Buffer& operator=(Buffer&& other) noexcept {
        std::swap(host_, other.host_);
        std::swap(buf_, other.buf_);
        return *this;
    }
    ~Buffer() {
        if (buf_ != nullptr) {
            host_->buf_unref(buf_);
        }
    }

    [[nodiscard]] Bytes bytes() const { return {buf_->data, buf_->len}; }
    [[nodiscard]] bf_buf* get() const { return buf_; }
    /// Gives the reference away.
    [[nodiscard]] bf_buf* release() { return std::exchange(buf_, nullptr); }

private:
    const bf_host* host_ = nullptr;
    bf_buf* buf_ = nullptr;
};

/// A counter, gauge or histogram; cheap to copy, lock-free to change, valid as long as the
/// instance.
class Metric {
public:
    Metric(const bf_host* host, bf_metric* metric) : host_(host), metric_(metric) {}
    void add(double value = 1) const { host_->metric_add(metric_, value); }
    void set(double value) const { host_->metric_set(metric_, value); }

private:
    const bf_host* host_;
    bf_metric* metric_;
};

enum class Level : std::uint32_t {
    debug = BF_LOG_DEBUG,
    info = BF_LOG_INFO,
    warning = BF_LOG_WARNING,
    error = BF_LOG_ERROR,
};

enum class Health : std::uint32_t {
    ok = BF_HEALTH_OK,
    degraded = BF_HEALTH_DEGRADED,
    down = BF_HEALTH_DOWN,
};

using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

/// What a completion of a host call brings; the text is borrowed.
struct Answer {
    Status status = Status::ok;
    std::string_view message;
    std::int64_t retry_after = 0;
    std::string_view output;
};

/// One instance's access to the daemon. Cheap to copy; every function may be called on any thread
/// and none blocks.
class Env {
public:
    Env(const bf_host* host, bf_env* env) : host_(host), env_(env) {}

    [[nodiscard]] const bf_host* host() const { return host_; }
    [[nodiscard]] bf_env* handle() const { return env_; }

    /// One event per line: a fixed lower-case text, values as fields. Never payloads or secrets.
    void log(Level level, std::string_view event, Labels fields = {}) const {
        const auto pairs = to_pairs(fields);
        host_->log(env_, static_cast<std::uint32_t>(level), str(event), pairs.data(), pairs.size());
    }
    [[nodiscard]] Metric counter(std::string_view name, std::string_view help,
                                 Labels labels = {}) const {
        return metric(BF_METRIC_COUNTER, name, help, labels);
    }
    [[nodiscard]] Metric gauge(std::string_view name, std::string_view help,
                               Labels labels = {}) const {
        return metric(BF_METRIC_GAUGE, name, help, labels);
    }
    [[nodiscard]] Metric histogram(std::string_view name, std::string_view help,
                                   Labels labels = {}) const {
        return metric(BF_METRIC_HISTOGRAM, name, help, labels);
    }
    void health(Health state, std::string_view reason = {}) const {
        host_->health(env_, static_cast<std::uint32_t>(state), str(reason));
    }
    [[nodiscard]] std::int64_t now() const { return host_->now(env_); }
    [[nodiscard]] std::int64_t monotonic() const { return host_->monotonic(env_); }
    void random(std::span<std::uint8_t> out) const { host_->random(env_, out.data(), out.size()); }

    [[nodiscard]] Buffer buffer(Bytes content) const {
        return {host_, host_->buf_make(bytes_of(content))};
    }
    [[nodiscard]] Buffer buffer(std::string_view content) const {
        return {host_, host_->buf_make(bytes_of(content))};
    }

    /// Runs `task` on the instance's executor: one at a time, in order.
    void post(std::function<void()> task) const {
        host_->post(env_, new std::function<void()>(std::move(task)), run_once);
    }

    /// The same, no sooner than `delay` nanoseconds from now, in steps of 10 ms. Not cancellable;
    /// dropped when the instance is stopped.
    void after(std::int64_t delay, std::function<void()> task) const {
        (void)host_->timer(env_, delay, new std::function<void()>(std::move(task)), run_once);
    }

    /// Offers an event; see bf_host.ingest for what the outcomes oblige to.
    void ingest(const bf_event& event, std::function<void(const Answer&)> done) const {
        host_->ingest(env_, &event, answer_to(std::move(done)));
    }
    /// Calls an operation with JSON; `principal` empty = as the instance itself.
    void call(std::string_view operation, std::string_view principal, std::string_view input,
              std::function<void(const Answer&)> done) const {
        const bf_call call{sizeof(bf_call), 0, str(operation), str(principal), str(input)};
        host_->call(env_, &call, answer_to(std::move(done)));
    }

private:
    static std::vector<bf_pair> to_pairs(Labels labels) {
        std::vector<bf_pair> pairs;
        pairs.reserve(labels.size());
        for (const auto& [name, value] : labels) {
            pairs.push_back({str(name), str(value)});
        }
        return pairs;
    }
    [[nodiscard]] Metric metric(std::uint32_t kind, std::string_view name, std::string_view help,
                                Labels labels) const {
        const auto pairs = to_pairs(labels);
        return {host_, host_->metric(env_, kind, str(name), str(help), pairs.data(), pairs.size())};
    }
    static void run_once(void* ctx, std::uint32_t is_live) {
        const std::unique_ptr<std::function<void()>> task(static_cast<std::function<void()>*>(ctx));
        if (is_live != 0) {
            (*task)();
        }
    }
    static bf_done answer_to(std::function<void(const Answer&)> done) {
        return {new std::function<void(const Answer&)>(std::move(done)),
                [](void* ctx, const bf_result* result, const void* value) {
                    const std::unique_ptr<std::function<void(const Answer&)>> call(
                        static_cast<std::function<void(const Answer&)>*>(ctx));
                    Answer answer{static_cast<Status>(result->status),
                                  view(result->message),
                                  result->retry_after,
                                  {}};
                    if (value != nullptr) {
                        answer.output = view(*static_cast<const bf_str*>(value));
                    }
                    (*call)(answer);
                }};
    }

    const bf_host* host_;
    bf_env* env_;
};

}  // namespace belfry::sdk
