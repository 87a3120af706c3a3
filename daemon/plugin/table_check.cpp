#include "daemon/plugin/abi_values.hpp"
#include "daemon/plugin/descriptor.hpp"

#include <array>
#include <cstddef>
#include <cstring>
#include <initializer_list>
#include <span>
#include <string>

namespace belfry::plugin {
namespace {

struct Function {
    std::string_view name;
    std::size_t offset;
};

constexpr std::array kStorage{
    Function{"commit", offsetof(bf_storage, commit)}, Function{"read", offsetof(bf_storage, read)},
    Function{"heads", offsetof(bf_storage, heads)},   Function{"get", offsetof(bf_storage, get)},
    Function{"find", offsetof(bf_storage, find)},
};
constexpr std::array kPublish{Function{"publish", offsetof(bf_broker, publish)}};
constexpr std::array kSources{Function{"consume", offsetof(bf_broker, consume)},
                              Function{"cancel", offsetof(bf_broker, cancel)},
                              Function{"settle", offsetof(bf_broker, settle)},
                              Function{"pause", offsetof(bf_broker, pause)}};
constexpr std::array kBus{Function{"listen", offsetof(bf_broker, listen)},
                          Function{"broadcast", offsetof(bf_broker, broadcast)}};
constexpr std::array kTransport{
    Function{"routes", offsetof(bf_transport, routes)},
    Function{"open", offsetof(bf_transport, open)},
    Function{"attached", offsetof(bf_transport, attached)},
    Function{"close", offsetof(bf_transport, close)},
    Function{"closed", offsetof(bf_transport, closed)},
};
constexpr std::array kFrames{Function{"frame", offsetof(bf_transport, frame)}};
constexpr std::array kEntries{Function{"messages", offsetof(bf_transport, messages)}};
constexpr std::array kPush{Function{"submit", offsetof(bf_push, submit)}};
constexpr std::array kRoutes{Function{"routes", offsetof(bf_app, routes)},
                             Function{"request", offsetof(bf_app, request)}};
constexpr std::array kDialects{
    Function{"dialects", offsetof(bf_app, dialects)},
    Function{"dialect_open", offsetof(bf_app, dialect_open)},
    Function{"dialect_encode", offsetof(bf_app, dialect_encode)},
    Function{"dialect_message", offsetof(bf_app, dialect_message)},
    Function{"dialect_closed", offsetof(bf_app, dialect_closed)},
};
constexpr std::array kStep{Function{"step", offsetof(bf_app, step)}};

bool has(const void* table, std::size_t offset) {
    void (*function)() = nullptr;
    if (size_at(table) < offset + sizeof function) {
        return false;
    }
    std::memcpy(static_cast<void*>(&function), static_cast<const char*>(table) + offset,
                sizeof function);
    return function != nullptr;
}

Result<void> require(const void* table, std::span<const Function> functions) {
    for (const Function& one : functions) {
        if (!has(table, one.offset)) {
            return fail(Code::invalid, "its table lacks the function " + std::string(one.name) +
                                           ", which is required");
        }
    }
    return {};
}

using Part = std::span<const Function>;

/// At least one of the parts must be there; each that begins must be whole.
Result<void> require_parts(const void* table, std::initializer_list<Part> parts,
                           const char* names) {
    bool has_any = false;
    for (const Part part : parts) {
        if (!has(table, part.front().offset)) {
            continue;
        }
        has_any = true;
        if (auto checked = require(table, part); !checked) {
            return checked;
        }
    }
    return has_any ? Result<void>{}
                   : fail(Code::invalid, std::string("its table offers nothing of: ") + names);
}

Result<void> check_transport(const void* table) {
    if (auto checked = require(table, kTransport); !checked) {
        return checked;
    }
    const auto known = fetch<bf_transport>(table);
    return known && BF_HAS(&*known, bf_transport, messages) && known->messages != nullptr
               ? require(table, kEntries)
               : require(table, kFrames);
}

}  // namespace

Result<void> check_table(Kind kind, const void* table) {
    if (table == nullptr) {
        return fail(Code::invalid, "it has no table of functions");
    }
    switch (kind) {
        case Kind::storage: return require(table, kStorage);
        case Kind::broker:
            return require_parts(table, {kPublish, kSources, kBus}, "publish, consume, listen");
        case Kind::transport: return check_transport(table);
        case Kind::push: return require(table, kPush);
        case Kind::app:
            return require_parts(table, {kRoutes, kDialects, kStep}, "routes, dialects, step");
    }
    return fail(Code::invalid, "it is of an unknown kind");
}

}  // namespace belfry::plugin
