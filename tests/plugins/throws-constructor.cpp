// Built with the SDK: what its constructor throws becomes the reason.
#include <belfry/plugin.hpp>

class Thrower : public belfry::sdk::Push {
public:
    static constexpr belfry::sdk::About kAbout{"throws-constructor", "1.0.0", "For tests",
                                               R"({"type":"object","properties":{}})"};

    Thrower(belfry::sdk::Env env, std::string_view /*name*/, std::string_view /*config*/)
        : Push(env) {
        throw belfry::sdk::ConfigError("no port to sail to");
    }
    void submit(const bf_delivery& /*delivery*/,
                belfry::sdk::Done<belfry::sdk::Outcome> /*done*/) override {}
};

BELFRY_PLUGIN(Thrower)
