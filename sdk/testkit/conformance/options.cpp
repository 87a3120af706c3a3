#include "sdk/testkit/conformance/options.hpp"

#include "sdk/testkit/conformance/arguments.hpp"

#include <utility>

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

Setters setters_of(Options& options) {
    return {{"--plugin", text_into(options.plugin)},
            {"--config", text_into(options.config)},
            {"--backup-config", text_into(options.backup_config)},
            {"--work", text_into(options.work)},
            {"--seed", number_into("--seed", options.seed)},
            {"--crashes", number_into("--crashes", options.crashes)},
            {"--ops", number_into("--ops", options.ops)},
            {"--entries", number_into("--entries", options.entries)},
            {"--crash-child", number_into("--crash-child", options.crash_child)}};
}

}  // namespace

std::string_view usage() { return kUsage; }

Options parse_options(const std::vector<std::string_view>& arguments) {
    Options options;
    parse_arguments(arguments, setters_of(options));
    return options;
}

std::string replace(std::string text, std::string_view name, std::string_view value) {
    return replace_all(std::move(text), "{" + std::string(name) + "}", value);
}

}  // namespace belfry::conformance
