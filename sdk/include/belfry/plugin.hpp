/// A plugin in one class and one macro line:
///
///     class Lamp : public belfry::sdk::Push {
///     public:
///         static constexpr belfry::sdk::About kAbout{.name = "lamp", .version = "1.0.0", ...};
///         Lamp(belfry::sdk::Env env, std::string_view name, std::string_view config);
///         void submit(const bf_delivery&, belfry::sdk::Done<belfry::sdk::Outcome>) override;
///     };
///     BELFRY_PLUGIN(Lamp)
#pragma once

#include "belfry/app.hpp"     // IWYU pragma: export
#include "belfry/broker.hpp"  // IWYU pragma: export
#include "belfry/host.hpp"    // IWYU pragma: export
#include "belfry/instance.hpp"
#include "belfry/push.hpp"       // IWYU pragma: export
#include "belfry/storage.hpp"    // IWYU pragma: export
#include "belfry/transport.hpp"  // IWYU pragma: export
#include "belfry/types.hpp"

#include <atomic>
#include <string_view>
#include <type_traits>

namespace belfry::sdk {

/// What a plugin shows of itself; all members are string literals.
struct About {
    std::string_view name;  ///< [a-z][a-z0-9-]*, as profiles name it
    std::string_view version;
    std::string_view summary;        ///< one line for people
    std::string_view config_schema;  ///< JSON Schema, the subset of sdk/README.md
};

namespace detail {

template <class Author>
concept ChecksConfig = requires(std::string_view config) { Author::check(config); };

/// The host that the entry function was given; one per shared object, set before anything else
/// runs. A test may load a plugin for one host after the other.
inline std::atomic<const bf_host*>& given_host() {
    static std::atomic<const bf_host*> current = nullptr;
    return current;
}
inline const bf_host* host() { return given_host(); }

template <class Author>
struct Export {
    static std::uint32_t check(bf_str config) {
        try {
            if constexpr (ChecksConfig<Author>) {
                Author::check(view(config));
            }
            return 1;
        } catch (const std::exception& error) {
            host()->fail(host(), str(error.what()));
        }
        return 0;
    }

    static void* create(bf_env* env, bf_str name, bf_str config) {
        try {
            // Through the base, so that the pointer means the same in every table.
            Instance* instance = new Author(Env(host(), env), view(name), view(config));
            return instance;
        } catch (const std::exception& error) {
            host()->fail(host(), str(error.what()));
        }
        return nullptr;
    }

    static const bf_plugin* describe(const bf_host* given) {
        given_host() = given;
        static const bf_lifecycle lifecycle = make_lifecycle(check, create);
        static const auto table = Author::template make_table<Author>();
        static const bf_plugin plugin{sizeof(bf_plugin),
                                      BF_ABI_MAJOR,
                                      BF_ABI_MINOR,
                                      BF_ABI_MINOR,
                                      Author::kKind,
                                      0,
                                      str(Author::kAbout.name),
                                      str(Author::kAbout.version),
                                      str(Author::kAbout.summary),
                                      str(Author::kAbout.config_schema),
                                      &lifecycle,
                                      &table};
        return &plugin;
    }
};

}  // namespace detail
}  // namespace belfry::sdk

/// Exports `Class` as the plugin of this shared object.
#define BELFRY_PLUGIN(Class)                                                             \
    extern "C" __attribute__((visibility("default"))) const bf_plugin* belfry_plugin_v1( \
        const bf_host* host);                                                            \
    extern "C" const bf_plugin* belfry_plugin_v1(const bf_host* host) {                  \
        return ::belfry::sdk::detail::Export<Class>::describe(host);                     \
    }
