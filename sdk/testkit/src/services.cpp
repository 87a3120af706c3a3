// Ingest, operations and egress, answered by the test's hooks.
#include "host_impl.hpp"

namespace belfry::testkit {
namespace {

using sdk::str;

bf_result result_of(sdk::Status status, const std::string& message, std::int64_t retry_after) {
    return {sizeof(bf_result), static_cast<std::uint32_t>(status), str(message), retry_after};
}

/// Completes on the executor, as the daemon does.
void answer(Seat& seat, bf_done done, HookAnswer answer, bool with_output) {
    seat.executor().post([done, answer = std::move(answer), with_output] {
        const bf_result result = result_of(answer.status, answer.message, answer.retry_after);
        const bf_str output = str(answer.output);
        const bool has_value = with_output && answer.status == sdk::Status::ok;
        done.call(done.ctx, &result, has_value ? &output : nullptr);
    });
}

HookAnswer refused(const char* what) {
    return {sdk::Status::refused, std::string("the test has no hook for ") + what};
}

void ingest(bf_env* env, const bf_event* event, bf_done done) {
    Seat& seat = Seat::of(env);
    seat.check_running("ingest");
    const auto& hook = seat.host().hooks.ingest;
    answer(seat, done, hook ? hook(*event) : HookAnswer{}, false);
}

void call(bf_env* env, const bf_call* call, bf_done done) {
    Seat& seat = Seat::of(env);
    seat.check_running("call");
    const auto& hook = seat.host().hooks.call;
    answer(seat, done, hook ? hook(*call) : refused("call"), true);
}

void transaction(bf_env* env, const bf_call* calls, std::uint64_t count, bf_done done) {
    Seat& seat = Seat::of(env);
    seat.check_running("transaction");
    const auto& hook = seat.host().hooks.transaction;
    answer(seat, done, hook ? hook(calls, count) : refused("transaction"), true);
}

void egress(bf_env* env, const bf_egress* request, bf_done done) {
    Seat& seat = Seat::of(env);
    seat.check_running("egress");
    const auto& hook = seat.host().hooks.egress;
    EgressAnswer answer{sdk::Status::refused, "the test has no hook for egress"};
    if (hook) {
        answer = hook(*request);
    }
    seat.executor().post([done, answer = std::move(answer)] {
        std::vector<bf_pair> headers;
        for (const auto& [name, value] : answer.headers) {
            headers.push_back({str(name), str(value)});
        }
        const bf_result result = result_of(answer.status, answer.message, 0);
        const bf_egress_response response{sizeof(bf_egress_response),
                                          answer.http_status,
                                          headers.data(),
                                          headers.size(),
                                          sdk::bytes_of(answer.body),
                                          0};
        done.call(done.ctx, &result, answer.status == sdk::Status::ok ? &response : nullptr);
    });
}

}  // namespace

void fill_services(bf_host& table) {
    table.ingest = ingest;
    table.call = call;
    table.transaction = transaction;
    table.egress = egress;
}

}  // namespace belfry::testkit
