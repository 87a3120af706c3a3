/// A push channel that breaks the rules when asked to.
#pragma once

#include <belfry/plugin.hpp>

#include <optional>
#include <string_view>

extern "C" const bf_plugin* belfry_plugin_v1(const bf_host* host);

namespace belfry::test {

class Faulty : public sdk::Push {
public:
    static constexpr sdk::About kAbout{.name = "faulty",
                                       .version = "1.0.0",
                                       .summary = "breaks rules",
                                       .config_schema = R"({"type": "object", "properties": {}})"};

    static void check(std::string_view config);
    Faulty(sdk::Env env, std::string_view name, std::string_view config);

    /// The delivery's id says what is done with it.
    void submit(const bf_delivery& delivery, sdk::Done<sdk::Outcome> done) override;

private:
    std::optional<sdk::Done<sdk::Outcome>> kept_;
};

/// The entry function of a plugin that is not there.
const bf_plugin* no_plugin(const bf_host* host);

}  // namespace belfry::test
