/// Values and completions of the C++ face of the plugin ABI. C++20, header-only.
#pragma once

#include "belfry/abi.h"

#include <cstdint>
#include <cstring>
#include <exception>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace belfry::sdk {

using Bytes = std::span<const std::uint8_t>;

inline std::string_view view(bf_str text) { return {text.ptr, text.len}; }
inline Bytes view(bf_bytes bytes) { return {bytes.ptr, bytes.len}; }
inline std::string_view text_of(bf_bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.ptr), bytes.len};
}
inline bf_str str(std::string_view text) { return {text.data(), text.size()}; }
inline bf_bytes bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline bf_bytes bytes_of(Bytes bytes) { return {bytes.data(), bytes.size()}; }

/// The outcomes of abi/core.h.
enum class Status : std::uint32_t {
    ok = BF_OK,
    duplicate = BF_DUPLICATE,
    conflict = BF_CONFLICT,
    not_found = BF_NOT_FOUND,
    invalid = BF_INVALID,
    refused = BF_REFUSED,
    retry = BF_RETRY,
    unavailable = BF_UNAVAILABLE,
    gone = BF_GONE,
    closed = BF_CLOSED,
};

/// A configuration an instance cannot work with; what() goes to the operator.
struct ConfigError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// A failure with an outcome; thrown inside a plugin, it becomes the completion of the current
/// call.
struct Failure : std::runtime_error {
    Failure(Status outcome, const std::string& message, std::int64_t wait = 0)
        : std::runtime_error(message), status(outcome), retry_after(wait) {}
    Status status;
    std::int64_t retry_after;
};

/// Walks an array of size-prefixed structs, whatever the size the other side built it with. Members
/// the other side does not have read as zero.
template <class Struct>
class Array {
public:
    Array(const Struct* first, std::uint64_t count) : first_(first), count_(count) {}

    class Iterator {
    public:
        explicit Iterator(const char* at) : at_(at) {}
        Struct operator*() const {
            Struct value{};
            const auto size = reinterpret_cast<const Struct*>(at_)->size;
            std::memcpy(&value, at_, size < sizeof(Struct) ? size : sizeof(Struct));
            return value;
        }
        Iterator& operator++() {
            at_ += reinterpret_cast<const Struct*>(at_)->size;
            return *this;
        }
        bool operator==(const Iterator&) const = default;

    private:
        const char* at_;
    };

    [[nodiscard]] Iterator begin() const { return Iterator(reinterpret_cast<const char*>(first_)); }
    [[nodiscard]] Iterator end() const {
        const auto* start = reinterpret_cast<const char*>(first_);
        return Iterator(count_ == 0 ? start : start + count_ * first_->size);
    }
    [[nodiscard]] std::uint64_t size() const { return count_; }

private:
    const Struct* first_;
    std::uint64_t count_;
};

/// What a completion carries besides the outcome, turned into what the ABI wants. Specialised for
/// each value type: `struct Wire<T> { explicit Wire(const T&); const void* value() const; };`
template <class Value>
struct Wire;

struct Nothing {};

template <>
struct Wire<Nothing> {
    explicit Wire(const Nothing&) {}
    [[nodiscard]] const void* value() const { return nullptr; }
};

template <>
struct Wire<std::string> {
    explicit Wire(const std::string& text) : text_(str(text)) {}
    [[nodiscard]] const void* value() const { return &text_; }

private:
    bf_str text_;
};

namespace detail {

/// A call that `guarded` is running, and its completion once an exception has destroyed the Done.
struct Running {
    void* ctx;
    bf_done caught;
};

inline Running*& running() {
    static thread_local Running* current = nullptr;
    return current;
}

}  // namespace detail

/// The duty to complete a call, exactly once, on any thread. A Done that is destroyed without
/// having been completed completes with Status::retry, so that a forgotten path cannot hang the
/// daemon.
template <class Value = Nothing>
class Done {
public:
    explicit Done(bf_done done) : done_(done) {}
    Done(Done&& other) noexcept : done_(std::exchange(other.done_, bf_done{})) {}
    Done& operator=(Done&& other) noexcept {
        std::swap(done_, other.done_);
        return *this;
    }
    Done(const Done&) = delete;
    Done& operator=(const Done&) = delete;
    ~Done() {
        if (done_.call == nullptr) {
            return;
        }
        detail::Running* running = detail::running();
        if (running != nullptr && running->ctx == done_.ctx && std::uncaught_exceptions() > 0) {
            running->caught = done_;  // the exception is on its way to `guarded`, which completes
            return;
        }
        fail(Status::retry, "the plugin dropped the call");
    }

    void ok(const Value& value = {}) { complete(Status::ok, {}, 0, Wire<Value>(value).value()); }
    void fail(Status status, std::string_view message, std::int64_t retry_after = 0) {
        complete(status, message, retry_after, nullptr);
    }
    void fail(const Failure& failure) { fail(failure.status, failure.what(), failure.retry_after); }

private:
    void complete(Status status, std::string_view message, std::int64_t wait, const void* value) {
        const bf_done done = std::exchange(done_, bf_done{});
        if (done.call == nullptr) {
            return;  // moved away: the new owner completes
        }
        const bf_result result{sizeof(bf_result), static_cast<std::uint32_t>(status), str(message),
                               wait};
        done.call(done.ctx, &result, value);
    }

    bf_done done_;
};

/// Runs `body(done)`; what it throws completes the call, even where `body` had moved the Done
/// already.
template <class Value, class Body>
void guarded(bf_done wire, Body body) {
    detail::Running current{wire.ctx, {}};
    detail::Running* const outer = std::exchange(detail::running(), &current);
    Done<Value> done(wire);
    const auto settle = [&](const Failure& failure) {
        if (current.caught.call != nullptr) {
            Done<Value>(current.caught).fail(failure);
        } else {
            done.fail(failure);
        }
    };
    try {
        body(done);
    } catch (const Failure& failure) {
        settle(failure);
    } catch (const std::exception& error) {
        settle(Failure(Status::retry, error.what()));
    } catch (...) {
        settle(Failure(Status::retry, "unknown exception"));
    }
    detail::running() = outer;
}

/// An owned notification; the members are those of bf_notification.
struct Notification {
    std::int32_t priority = 0;
    std::string id, type, title, body;
    std::string data;
    std::string data_type;
    std::string collapse_key;
    std::int64_t created_at = 0;
    std::int64_t expires_at = 0;
    std::uint64_t revision = 1;
    std::string source, event_id, trace;

    Notification() = default;
    explicit Notification(const bf_notification& from)
        : priority(from.priority), id(view(from.id)), type(view(from.type)),
          title(view(from.title)), body(view(from.body)), data(text_of(from.data)),
          data_type(view(from.data_type)), collapse_key(view(from.collapse_key)),
          created_at(from.created_at), expires_at(from.expires_at), revision(from.revision),
          source(view(from.source)), event_id(view(from.event_id)), trace(view(from.trace)) {}

    /// Borrows from this.
    [[nodiscard]] bf_notification wire() const {
        return {sizeof(bf_notification),
                priority,
                str(id),
                str(type),
                str(title),
                str(body),
                bytes_of(data),
                str(data_type),
                str(collapse_key),
                created_at,
                expires_at,
                revision,
                str(source),
                str(event_id),
                str(trace)};
    }
};

/// An owned entry; the members are those of bf_entry.
struct Entry {
    std::uint32_t kind = BF_ENTRY_NOTIFICATION;
    std::uint32_t state = 0;
    std::uint64_t epoch = 0;
    std::uint64_t seq = 0;
    std::int64_t read_at = 0;
    std::string stream;
    std::shared_ptr<const Notification> notification;
};

}  // namespace belfry::sdk
