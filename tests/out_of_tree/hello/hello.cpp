/// GET /hello/{user} greets; POST /hello/{user} puts the greeting into the user's mailbox.
#include <belfry/plugin.hpp>

#include <boost/json.hpp>

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace {

namespace json = boost::json;
namespace sdk = belfry::sdk;

constexpr std::string_view kSchema = R"({
    "type": "object",
    "properties": { "greeting": { "type": "string", "minLength": 1, "default": "Hello" } },
    "additionalProperties": false
})";

class Hello : public sdk::App {
public:
    static constexpr sdk::About kAbout{
        .name = "hello", .version = "1.0.0", .summary = "greets users", .config_schema = kSchema};

    Hello(sdk::Env env, std::string_view /*name*/, std::string_view config)
        : App(env), greeting_(json::value_to<std::string>(json::parse(config).at("greeting"))) {}

    std::span<const bf_route> routes() override { return kRoutes; }

    void request(const bf_request& request, std::string_view /*principal*/,
                 sdk::Reply reply) override {
        const std::string user(sdk::view(request.params[0].value));
        const std::string text = greeting_ + ", " + user;
        if (request.route == kGreet) {
            reply.json(200, json::serialize(json::object{{"message", text}}));
            return;
        }
        const auto publish = json::serialize(json::object{{"to", "user:" + user}, {"title", text}});
        // An empty principal: as this instance, whoever asked.
        env().call(
            "notifications.publish", {}, publish,
            [waiting = std::make_shared<sdk::Reply>(std::move(reply))](const sdk::Answer& answer) {
                const bool is_ok = answer.status == sdk::Status::ok;
                waiting->json(is_ok ? 202 : 502, is_ok ? answer.output : answer.message);
            });
    }

private:
    static constexpr std::uint64_t kGreet = 0;
    inline static const std::array<bf_route, 2> kRoutes{
        {{sizeof(bf_route), 0, sdk::str("GET"), sdk::str("/hello/{user}"),
          sdk::str("Greet a user")},
         {sizeof(bf_route), 0, sdk::str("POST"), sdk::str("/hello/{user}"),
          sdk::str("Greet a user by notification")}}};

    std::string greeting_;
};

}  // namespace

BELFRY_PLUGIN(Hello)
