#include "sdk/testkit/conformance/options.hpp"

#include <charconv>
#include <functional>
#include <map>
#include <stdexcept>

namespace belfry::conformance {
namespace {

constexpr std::string_view kUsage =
    R"(belfry-storage-conformance --plugin FILE --config JSON [OPTION ...] [--gtest_... ...]

Holds a storage plugin to every promise of belfry/abi/storage.h.

  --plugin FILE         the plugin's shared object
  --config JSON         the configuration of an instance, complete with its defaults. {case} becomes a
                        name that is new for each storage (letters, digits and _, at most 40), {work}
                        the folder of --work
  --backup-config JSON  how to open what `backup` wrote to {backup}; without it, it is not opened
  --work DIR            a folder for files; without it a new one, which is removed
  --seed N              of what is random (1)
  --crashes N           how often the writing process is killed (20)
  --ops N               random groups that are compared with a model (1500)
  --entries N           of the long stream that is read through filters (24000)

  --gtest_filter=Jobs.* and the other flags of GoogleTest choose, repeat and report: --gtest_help
)";

std::uint64_t number_of(std::string_view name, std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) {
        throw std::invalid_argument(std::string(name) + ": expected a number, found \"" +
                                    std::string(text) + "\"");
    }
    return number;
}

using Setter = std::function<void(std::string_view)>;

std::map<std::string_view, Setter> setters_of(Options& options) {
    const auto text = [](std::string& to) { return [&to](std::string_view value) { to = value; }; };
    const auto number = [](std::string_view name, auto& to) {
        return [name, &to](std::string_view value) { to = number_of(name, value); };
    };
    return {{"--plugin", text(options.plugin)},
            {"--config", text(options.config)},
            {"--backup-config", text(options.backup_config)},
            {"--work", text(options.work)},
            {"--seed", number("--seed", options.seed)},
            {"--crashes", number("--crashes", options.crashes)},
            {"--ops", number("--ops", options.ops)},
            {"--entries", number("--entries", options.entries)},
            {"--crash-child", number("--crash-child", options.crash_child)}};
}

}  // namespace

std::string_view usage() { return kUsage; }

Options parse_options(const std::vector<std::string_view>& arguments) {
    Options options;
    const auto setters = setters_of(options);
    for (auto at = arguments.begin(); at != arguments.end(); ++at) {
        const auto equals = at->find('=');
        const auto name = at->substr(0, equals);
        const auto setter = setters.find(name);
        if (setter == setters.end()) {
            throw std::invalid_argument("\"" + std::string(*at) + "\" is not known here");
        }
        if (equals != std::string_view::npos) {
            setter->second(at->substr(equals + 1));
        } else if (std::next(at) != arguments.end()) {
            setter->second(*++at);
        } else {
            throw std::invalid_argument(std::string(name) + ": expected a value");
        }
    }
    return options;
}

std::string replace(std::string text, std::string_view name, std::string_view value) {
    const std::string wanted = "{" + std::string(name) + "}";
    for (auto at = text.find(wanted); at != std::string::npos;
         at = text.find(wanted, at + value.size())) {
        text.replace(at, wanted.size(), value);
    }
    return text;
}

}  // namespace belfry::conformance
