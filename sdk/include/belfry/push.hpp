/// Push channels: derive from Push. What each call promises: abi/push.h and sdk/README.md.
#pragma once

#include "belfry/instance.hpp"
#include "belfry/types.hpp"

#include <string>
#include <string_view>

namespace belfry::sdk {

enum class Verdict : std::uint32_t {
    delivered = BF_DELIVERED,
    retry = BF_DELIVERY_RETRY,
    throttled = BF_DELIVERY_THROTTLED,
    permanent = BF_DELIVERY_PERMANENT,
    gone = BF_DELIVERY_GONE,
    blocked = BF_DELIVERY_BLOCKED,
};

struct Outcome {
    Verdict verdict = Verdict::delivered;
    std::uint32_t code = 0;
    std::int64_t retry_after = 0;
    std::int64_t duration = 0;
    std::string detail;
    std::string response;
};

template <>
struct Wire<Outcome> {
    explicit Wire(const Outcome& from)
        : value_{sizeof value_,    static_cast<std::uint32_t>(from.verdict),
                 from.code,        0,
                 from.retry_after, from.duration,
                 str(from.detail), bytes_of(from.response)} {}
    [[nodiscard]] const void* value() const { return &value_; }

private:
    bf_outcome value_;
};

/// Calls come from any thread and must not block.
class Push : public Instance {
public:
    static constexpr std::uint16_t kKind = BF_KIND_PUSH;
    /// How many submits may be open at once; 0 = the daemon's default. Shadow it to change it.
    static constexpr std::uint64_t kMaxInFlight = 0;
    using Instance::Instance;

    /// One attempt. The delivery is borrowed until the call returns.
    virtual void submit(const bf_delivery& delivery, Done<Outcome> done) = 0;
    virtual void cancel(std::string_view /*delivery_id*/) {}
    /// Checks a registration and returns the document to store.
    virtual void register_endpoint(std::string_view endpoint, Done<std::string> done) {
        done.ok(std::string(endpoint));
    }

    /// The table of the class `Author`, which derives from this.
    template <class Author>
    static bf_push make_table();
};

template <class Author>
bf_push Push::make_table() {
    using detail::kind_of;
    bf_push table{};
    table.size = sizeof table;
    table.max_in_flight = Author::kMaxInFlight;
    table.submit = [](void* self, const bf_delivery* delivery, bf_done done) {
        guarded<Outcome>(done,
                         [&](auto& own) { kind_of<Push>(self).submit(*delivery, std::move(own)); });
    };
    table.cancel = [](void* self, bf_str id) {
        detail::quietly(self, "cancel", [&] { kind_of<Push>(self).cancel(view(id)); });
    };
    table.register_endpoint = [](void* self, bf_str endpoint, bf_done done) {
        guarded<std::string>(done, [&](auto& own) {
            kind_of<Push>(self).register_endpoint(view(endpoint), std::move(own));
        });
    };
    return table;
}

}  // namespace belfry::sdk
