#include "daemon/plugin/host_table.hpp"

#include "daemon/base/bytes.hpp"
#include "daemon/plugin/abi_values.hpp"
#include "daemon/plugin/app.hpp"
#include "daemon/plugin/env.hpp"
#include "daemon/plugin/transport.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace belfry::plugin {
namespace {

constexpr std::string_view kVersion = BELFRY_VERSION;
constexpr std::size_t kMaxReason = 4096;
constexpr std::uint64_t kMostStreams = 4096;

/// Why the plugin that this thread is in the middle of calling fails.
std::string& failure() {
    thread_local std::string reason;
    return reason;
}

void add_core(bf_host& table) {
    table.fail = [](const bf_host*, bf_str reason) {
        failure() = view(reason).substr(0, kMaxReason);
    };
    table.buf_make = [](bf_bytes content) { return SharedBytes::copy(view(content)).release(); };
    table.buf_ref = [](bf_buf* buf) {
        if (buf != nullptr) {
            buf_ref(buf);
        }
    };
    table.buf_unref = [](bf_buf* buf) {
        if (buf != nullptr) {
            buf_unref(buf);
        }
    };
}

void add_instance(bf_host& table) {
    table.log = [](bf_env* env, std::uint32_t level, bf_str event, const bf_pair* fields,
                   std::uint64_t count) { env->log(level, event, pairs(fields, count)); };
    table.metric = [](bf_env* env, std::uint32_t kind, bf_str name, bf_str help,
                      const bf_pair* labels, std::uint64_t count) {
        return env->metrics().make(kind, name, help, pairs(labels, count));
    };
    table.metric_add = [](bf_metric* metric, double value) {
        if (metric != nullptr) {
            metric->add(value);
        }
    };
    table.metric_set = [](bf_metric* metric, double value) {
        if (metric != nullptr) {
            metric->set(value);
        }
    };
    table.health = [](bf_env* env, std::uint32_t state, bf_str reason) {
        env->set_health(state, reason);
    };
    table.now = [](bf_env* env) { return env->surroundings().clock.now(); };
    table.monotonic = [](bf_env* env) { return env->surroundings().clock.monotonic(); };
    table.random = [](bf_env* env, std::uint8_t* out, std::uint64_t length) {
        if (out != nullptr) {
            env->surroundings().random.fill({out, length});
        }
    };
    table.post = [](bf_env* env, void* ctx, bf_env::Run run) { env->post(ctx, run); };
    table.timer = [](bf_env* env, std::int64_t delay, void* ctx, bf_env::Run run) {
        return env->set_timer(delay, ctx, run);
    };
    table.timer_cancel = [](bf_env* env, bf_timer* timer) {
        return env->cancel_timer(timer) ? 1U : 0U;
    };
}

void add_services(bf_host& table) {
    table.ingest = [](bf_env* env, const bf_event* event, bf_done done) {
        env->ingest(event, done);
    };
    table.call = [](bf_env* env, const bf_call* call, bf_done done) { env->call(call, done); };
    table.transaction = [](bf_env* env, const bf_call* calls, std::uint64_t count, bf_done done) {
        env->transaction(calls, count, done);
    };
    table.egress = [](bf_env*, const bf_egress*, bf_done done) {
        bf_env::refuse(done, Code::refused, "this daemon has no client for outgoing requests");
    };
}

void add_links(bf_host& table) {
    table.link_respond = [](bf_link* link, std::uint32_t status, const bf_pair* headers,
                            std::uint64_t count, bf_bytes body) {
        link->respond(status, pairs(headers, count), view(body));
    };
    table.link_upgrade = [](bf_link* link, std::uint32_t status, const bf_pair* headers,
                            std::uint64_t count) { link->upgrade(status, pairs(headers, count)); };
    table.link_write = [](bf_link* link, bf_buf* content) {
        if (content != nullptr) {
            link->write(SharedBytes::share(content));
        }
    };
    table.link_finish = [](bf_link* link) { link->finish(); };
    table.link_attach = [](bf_link* link, const bf_attach* how) {
        // An older plugin's struct may end early; what it lacks is empty.
        link->attach(fetch<bf_attach>(how).value_or(bf_attach{}));
    };
    table.link_join = [](bf_link* link, bf_str key) { link->join(view(key)); };
    table.link_message = [](bf_link* link, bf_bytes message, std::uint32_t is_text) {
        link->message(view(message), is_text != 0);
    };
    table.link_alive = [](bf_link* link) { link->alive(); };
    table.link_timer = [](bf_link* link, std::int64_t delay) { link->timer(delay); };
    table.link_want = [](bf_link* link, std::uint64_t more) { link->want(more); };
}

void add_app(bf_host& table) {
    table.reply = [](bf_reply* reply, std::uint32_t status, const bf_pair* headers,
                     std::uint64_t count,
                     bf_bytes body) { reply->send(status, pairs(headers, count), view(body)); };
    table.session_send = [](bf_session* session, bf_bytes message) {
        session->send(view(message));
    };
    table.session_streams = [](bf_session* session, const bf_str* streams, std::uint64_t count) {
        std::vector<std::string> names;
        for (std::uint64_t index = 0; streams != nullptr && index < std::min(count, kMostStreams);
             ++index) {
            names.emplace_back(view(streams[index]));
        }
        session->set_streams(std::move(names));
    };
    table.session_close = [](bf_session* session, std::uint32_t code, bf_str reason) {
        session->close(code, view(reason));
    };
}

bf_host make_table() {
    bf_host table{};
    table.size = sizeof table;
    table.abi_major = BF_ABI_MAJOR;
    table.abi_minor = BF_ABI_MINOR;
    table.version = str(kVersion);
    add_core(table);
    add_instance(table);
    add_services(table);
    add_links(table);
    add_app(table);
    return table;
}

}  // namespace

const bf_host& host_table() {
    static const bf_host table = make_table();
    return table;
}

std::string take_failure() { return std::exchange(failure(), {}); }

}  // namespace belfry::plugin
