#include "daemon/plugin/call_book.hpp"

#include "daemon/plugin/abi_values.hpp"

#include <cstdint>
#include <optional>
#include <utility>

namespace belfry::plugin {
namespace {

/// A slot rests until so many others are free, too: with the turns, a second completion has to come
/// tens of thousands of calls late to be taken for another's.
constexpr std::size_t kKeptCalls = 256;
constexpr std::size_t kMaxMessage = 4096;

Error closed(const char* call) {
    return {Code::closed, std::string(call) + ": the plugin instance is stopped"};
}

/// Nothing for BF_OK.
std::optional<Error> error_of(const bf_result* given, const char* call) {
    const auto result = fetch<bf_result>(given);
    if (!result) {
        return Error{Code::retry, std::string(call) + ": the plugin completed without a result"};
    }
    if (result->status == BF_OK) {
        return std::nullopt;
    }
    Error error{to_code(result->status), std::string(view(result->message).substr(0, kMaxMessage))};
    error.retry_after = result->retry_after;
    if (error.message.empty()) {
        error.message = std::string(call) + ": " + std::string(name_of(error.code));
    }
    return error;
}

}  // namespace

bf_done CallBook::open(const char* call, Finish finish) {
    std::unique_lock lock(mutex_);
    if (is_closed_) {
        lock.unlock();
        finish(std::unexpected(closed(call)));
        return {};
    }
    Slot& slot = take_slot();
    slot.book = this;
    slot.call = call;
    slot.turn = (slot.turn + 1) % kTurns;
    slot.is_open = true;
    slot.finish = std::move(finish);
    return {reinterpret_cast<char*>(&slot) + slot.turn, &CallBook::complete};
}

CallBook::Slot& CallBook::take_slot() {
    if (free_.size() < kKeptCalls) {
        return slots_.emplace_back();
    }
    Slot* slot = free_.front();
    free_.pop_front();
    return *slot;
}

void CallBook::complete(void* ctx, const bf_result* result, const void* value) {
    const auto turn = static_cast<unsigned>(reinterpret_cast<std::uintptr_t>(ctx) % kTurns);
    auto* slot = reinterpret_cast<Slot*>(static_cast<char*>(ctx) - turn);
    slot->book->complete(*slot, turn, result, value);
}

void CallBook::complete(Slot& slot, unsigned turn, const bf_result* result, const void* value) {
    Finish finish;
    const char* call = nullptr;
    const char* broken_rule = nullptr;
    {
        const std::scoped_lock lock(mutex_);
        call = slot.call;
        if (slot.is_open && slot.turn == turn) {
            finish = std::exchange(slot.finish, nullptr);
            slot.is_open = false;
            free_.push_back(&slot);
        } else {
            broken_rule =
                is_closed_ ? "completed after the instance had stopped" : "completed twice";
        }
    }
    if (broken_rule != nullptr) {
        violations_.report(call, broken_rule);
        return;
    }
    auto error = error_of(result, call);
    if (error) {
        finish(std::unexpected(*std::move(error)));
    } else {
        finish(value);
    }
}

void CallBook::close() {
    std::vector<std::pair<const char*, Finish>> left;
    {
        const std::scoped_lock lock(mutex_);
        is_closed_ = true;
        for (Slot& slot : slots_) {
            if (slot.is_open) {
                slot.is_open = false;
                left.emplace_back(slot.call, std::exchange(slot.finish, nullptr));
            }
        }
    }
    for (auto& [call, finish] : left) {
        violations_.report(call, "was not completed before the instance stopped");
        finish(std::unexpected(closed(call)));
    }
}

}  // namespace belfry::plugin
