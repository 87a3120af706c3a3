#include "daemon/plugin/app_adapter.hpp"

#include "daemon/plugin/abi_values.hpp"
#include "daemon/plugin/owned_values.hpp"
#include "daemon/plugin/routes.hpp"

#include <utility>

namespace belfry::plugin {
namespace {

constexpr std::uint64_t kMostDialects = 256;
constexpr std::uint64_t kMostCommittedStreams = 4096;
constexpr std::uint64_t kMostGreetings = 1024;

bool is_list(const void* first, std::uint64_t count, std::uint64_t most) {
    return count == 0 || (first != nullptr && count <= most);
}

Result<SessionSetup> to_setup(const void* value) {
    const auto known = fetch<bf_session_setup>(value);
    if (!known || !is_list(known->streams, known->stream_count, kMostCommittedStreams) ||
        !is_list(known->greeting, known->greeting_count, kMostGreetings)) {
        return fail(Code::retry, "a session's streams or greeting are not there or too many");
    }
    SessionSetup setup;
    setup.from_head = (known->flags & BF_SETUP_FROM_HEAD) != 0;
    for (std::uint64_t index = 0; index < known->stream_count; ++index) {
        setup.streams.emplace_back(view(known->streams[index]));
    }
    for (std::uint64_t index = 0; index < known->greeting_count; ++index) {
        setup.greeting.emplace_back(text(known->greeting[index]));
    }
    return setup;
}

Result<std::string> to_text(const void* value) {
    if (value == nullptr) {
        return fail(Code::retry, "no output");
    }
    return std::string(view(*static_cast<const bf_str*>(value)));
}

}  // namespace

AppAdapter::AppAdapter(Port& port, const void* table)
    : port_(port), table_(fetch<bf_app>(table).value_or(bf_app{})),
      replies_(port.env().violations()) {}

std::vector<Route> AppAdapter::routes() const { return read_routes(port_, table_.routes); }

std::vector<std::string> AppAdapter::dialects() const {
    if (table_.dialects == nullptr) {
        return {};
    }
    std::uint64_t count = 0;
    const bf_str* first = visit(
        port_, "dialects", [&](void* instance) { return table_.dialects(instance, &count); },
        []() -> const bf_str* { return nullptr; });
    if (!is_list(first, count, kMostDialects)) {
        port_.env().violations().report("dialects", "a list that is not there or too long");
        return {};
    }
    std::vector<std::string> all;
    all.reserve(count);
    for (std::uint64_t index = 0; index < count; ++index) {
        all.emplace_back(view(first[index]));
    }
    return all;
}

void AppAdapter::request(const bf_request& request, std::string_view principal, bf_reply* reply) {
    bf_reply* waiting = replies_.open(reply);
    const auto refuse = [&] { waiting->send(503, {}, {}); };
    if (table_.request == nullptr) {
        refuse();
        return;
    }
    visit(
        port_, "request",
        [&](void* instance) { table_.request(instance, &request, str(principal), waiting); },
        refuse);
}

void AppAdapter::dialect_open(std::uint64_t dialect, bf_session& session,
                              const bf_session_info& info, Executor& home,
                              Callback<SessionSetup> done) {
    Call<SessionSetup>(port_, "dialect_open", home, std::move(done))
        .run(
            table_.dialect_open,
            [&](void* instance, bf_done completion) {
                table_.dialect_open(instance, dialect, &session, &info, completion);
            },
            to_setup);
}

SharedBytes AppAdapter::dialect_encode(std::uint64_t dialect, const std::string& stream,
                                       std::uint64_t epoch, const Entry& entry) {
    if (table_.dialect_encode == nullptr || entry.notification == nullptr) {
        return {};
    }
    const bf_notification notification = to_abi(*entry.notification);
    const bf_entry abi{sizeof(bf_entry), static_cast<std::uint32_t>(entry.kind),
                       entry.state,      0,
                       str(stream),      epoch,
                       entry.seq,        entry.read_at,
                       &notification};
    return visit(
        port_, "dialect_encode",
        [&](void* instance) {
            return SharedBytes::adopt(table_.dialect_encode(instance, dialect, &abi));
        },
        [] { return SharedBytes(); });
}

void AppAdapter::dialect_message(std::uint64_t dialect, bf_session& session, ByteView message,
                                 bool is_text) {
    if (table_.dialect_message != nullptr) {
        visit(port_, "dialect_message", [&](void* instance) {
            table_.dialect_message(instance, dialect, &session, bytes(message), is_text ? 1 : 0);
        });
    }
}

void AppAdapter::dialect_closed(std::uint64_t dialect, bf_session& session) {
    if (table_.dialect_closed != nullptr) {
        visit(port_, "dialect_closed",
              [&](void* instance) { table_.dialect_closed(instance, dialect, &session); });
    }
}

void AppAdapter::step(const std::string& name, const std::string& input, Executor& home,
                      Callback<std::string> done) {
    Call<std::string>(port_, "step", home, std::move(done))
        .run(
            table_.step,
            [&](void* instance, bf_done completion) {
                table_.step(instance, str(name), str(input), completion);
            },
            to_text);
}

}  // namespace belfry::plugin
