// What a plugin asks of the daemon's services.
#include "daemon/plugin/abi_values.hpp"
#include "daemon/plugin/env.hpp"

#include <utility>

using belfry::Code;
using belfry::Result;
using belfry::plugin::AbiArray;
using belfry::plugin::fetch;
using belfry::plugin::pairs;
using belfry::plugin::str;
using belfry::plugin::text;
using belfry::plugin::to_status;
using belfry::plugin::view;

namespace {

constexpr std::size_t kMostOpen = 65'536;
constexpr std::uint64_t kMostOperations = 1024;
constexpr belfry::Nanos kTryAgain = 100 * belfry::kMillisecond;

bf_result failure(const belfry::Error& error) {
    return {sizeof(bf_result), to_status(error.code), str(error.message), error.retry_after};
}
constexpr bf_result success(std::uint32_t status = BF_OK) {
    return {sizeof(bf_result), status, {nullptr, 0}, 0};
}

belfry::Event to_event(const bf_event& from) {
    belfry::Event event{std::string(view(from.source)),
                        std::string(view(from.id)),
                        std::string(view(from.type)),
                        std::string(view(from.subject)),
                        from.time,
                        std::string(view(from.content_type)),
                        std::string(text(from.data)),
                        {}};
    for (const bf_pair& one : pairs(from.attributes, from.attribute_count)) {
        event.attributes.emplace_back(view(one.name), view(one.value));
    }
    return event;
}

belfry::OperationCall to_call(const bf_call& from) {
    return {std::string(view(from.operation)), std::string(view(from.principal)),
            std::string(view(from.input))};
}

}  // namespace

namespace belfry::plugin {

std::uint64_t HostCalls::open(bf_done done) {
    const std::scoped_lock lock(mutex_);
    if (open_.size() >= kMostOpen) {
        return 0;
    }
    open_.emplace(++last_, done);
    return last_;
}

bf_done HostCalls::take(std::uint64_t call) {
    const std::scoped_lock lock(mutex_);
    const auto found = open_.find(call);
    if (found == open_.end()) {
        return {};
    }
    const bf_done done = found->second;
    open_.erase(found);
    return done;
}

std::vector<bf_done> HostCalls::take_all() {
    const std::scoped_lock lock(mutex_);
    std::vector<bf_done> all;
    all.reserve(open_.size());
    for (const auto& [call, done] : open_) {
        all.push_back(done);
    }
    open_.clear();
    return all;
}

}  // namespace belfry::plugin

void bf_env::refuse(bf_done done, Code code, std::string_view message) {
    if (done.call != nullptr) {
        const bf_result result{sizeof(bf_result), to_status(code), str(message),
                               code == Code::retry ? kTryAgain : 0};
        done.call(done.ctx, &result, nullptr);
    }
}

std::uint64_t bf_env::open_call(std::string_view what, bf_done done) {
    if (is_late(what)) {
        return 0;
    }
    if (done.call == nullptr) {
        violations_.report(what, "called without a completion");
        return 0;
    }
    if (surroundings_->services.load(std::memory_order_acquire) == nullptr) {
        refuse(done, Code::unavailable, "the daemon is still starting");
        return 0;
    }
    const std::uint64_t call = host_calls_.open(done);
    if (call == 0) {
        refuse(done, Code::retry, "too many calls of this instance are waiting");
        return 0;
    }
    // `stopping` takes what it sees after it has set the phase; what it may have missed is taken
    // here.
    if (phase_.load() != Phase::live) {
        refuse(host_calls_.take(call), Code::closed, "the instance is being stopped");
        return 0;
    }
    return call;
}

void bf_env::finish(std::uint64_t call, const bf_result& result, const void* value) {
    const bf_done done = host_calls_.take(call);
    if (done.call != nullptr) {
        done.call(done.ctx, &result, value);
    }
}

belfry::Callback<std::string> bf_env::answer(std::uint64_t call) {
    return [self = shared_from_this(), call](Result<std::string> output) {
        self->post_task([self, call, output = std::move(output)] {
            if (output) {
                const bf_str value = str(*output);
                self->finish(call, success(), &value);
            } else {
                self->finish(call, failure(output.error()), nullptr);
            }
        });
    };
}

void bf_env::ingest(const bf_event* event, bf_done done) {
    const auto known = fetch<bf_event>(event);
    if (!known) {
        refuse(done, Code::invalid, "no event was given");
        return;
    }
    const std::uint64_t call = open_call("ingest", done);
    if (call == 0) {
        return;
    }
    surroundings_->services.load()->ingest(
        name_, to_event(*known), [self = shared_from_this(), call](Result<bool> duplicate) {
            self->post_task([self, call, duplicate = std::move(duplicate)] {
                self->finish(call,
                             duplicate ? success(*duplicate ? BF_DUPLICATE : BF_OK)
                                       : failure(duplicate.error()),
                             nullptr);
            });
        });
}

void bf_env::call(const bf_call* call, bf_done done) {
    const auto known = fetch<bf_call>(call);
    if (!known) {
        refuse(done, Code::invalid, "no call was given");
        return;
    }
    if (const std::uint64_t number = open_call("call", done); number != 0) {
        surroundings_->services.load()->call(name_, to_call(*known), answer(number));
    }
}

void bf_env::transaction(const bf_call* calls, std::uint64_t count, bf_done done) {
    const AbiArray<bf_call> all(calls, count);
    if (!all.is_sound(kMostOperations)) {
        refuse(done, Code::invalid,
               "a transaction takes at most " + std::to_string(kMostOperations) + " calls");
        return;
    }
    const std::uint64_t number = open_call("transaction", done);
    if (number == 0) {
        return;
    }
    std::vector<belfry::OperationCall> list;
    list.reserve(all.size());
    for (std::uint64_t index = 0; index < all.size(); ++index) {
        list.push_back(to_call(all[index]));
    }
    surroundings_->services.load()->transaction(name_, std::move(list), answer(number));
}
