/// A push channel that appends every delivery to a file, one line each.
#include <belfry/plugin.hpp>

#include <boost/json.hpp>

#include <fstream>
#include <mutex>
#include <string>
#include <string_view>

namespace {

namespace json = boost::json;
namespace sdk = belfry::sdk;

constexpr std::string_view kSchema = R"({
    "type": "object",
    "properties": {
        "file": {
            "type": "string",
            "description": "the file to append to; made if missing"
        }
    },
    "required": ["file"],
    "additionalProperties": false
})";

class Append : public sdk::Push {
public:
    static constexpr sdk::About kAbout{.name = "append",
                                       .version = "1.0.0",
                                       .summary = "appends deliveries to a file",
                                       .config_schema = kSchema};

    /// `config` is valid by the schema when it comes here.
    Append(sdk::Env env, std::string_view /*name*/, std::string_view config)
        : Push(env), path_(json::value_to<std::string>(json::parse(config).at("file"))),
          file_(path_, std::ios::app), lines_(env.counter("append_lines_total", "Lines appended")) {
        if (!file_) {
            throw sdk::ConfigError("file: cannot open " + path_ + " for appending");
        }
    }

    /// Called from any thread, several at once. A channel that waits for a peer does so on a thread
    /// of its own and completes from there.
    void submit(const bf_delivery& delivery, sdk::Done<sdk::Outcome> done) override {
        const std::scoped_lock lock(mutex_);
        file_ << sdk::text_of(delivery.payload) << std::endl;
        if (!file_) {
            file_.clear();
            done.fail(sdk::Status::unavailable, "cannot write to " + path_);
            return;
        }
        lines_.add();
        done.ok({.verdict = sdk::Verdict::delivered});
    }

private:
    std::mutex mutex_;
    std::string path_;
    std::ofstream file_;
    sdk::Metric lines_;
};

}  // namespace

BELFRY_PLUGIN(Append)
