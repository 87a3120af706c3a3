#include "sdk/testkit/conformance/broker/options.hpp"

#include "sdk/testkit/conformance/arguments.hpp"

namespace belfry::conformance::broker {
namespace {

constexpr std::string_view kUsage =
    R"(belfry-broker-conformance --plugin FILE --broker FILE [OPTION ...] [--gtest_... ...]

Holds a broker plugin to every promise of belfry/abi/broker.h.

  --plugin FILE   the plugin's shared object
  --broker FILE   what the kit must know of the broker, as JSON
  --messages N    where there are many (2000)
  --restarts N    how often the server is restarted under load (2)
  --crashes N     how often the consuming process is killed (5)

  --gtest_filter=Settle.* and the other flags of GoogleTest choose, repeat and report: --gtest_help

The file of --broker; in its texts ${name} becomes a name that is new for each test (small letters,
digits and _, at most 40), ${VARIABLE} a variable of the environment:

  "config": {}      of an instance, complete with its defaults
  "source": {}      of a source of its own for ${name}; the kit sets "retry" in it
  "publish": {"destination": "", "exchange": ""}   what goes to that source
  "prepare": [""]   command, run before each test: makes what the source needs at the server; 30 s
  "restart": [""]   command: kills the server and starts it again; without it, Restart.* is not run
  "bad_sources": {"key": {}}   members of "source" that are wrong, by the key that the refusal names
  "max_body": 1048576          bytes of the largest body
  "patience": 30               seconds that what must come may take
  "can": {}         false for what the broker cannot do; its tests are listed and not run:
    attempts            says at a redelivery after a restart that it is one
    bus                 has the bus
    coordinates         gives each message a place that stays the same
    dead_letter_count   knows how many dead letters there are
    header_bytes        headers with bytes that are no UTF-8
    header_controls     headers with NUL, CR and LF
    ids                 carries the message's id
    keys                carries the message's key
    lag, oldest         knows how many messages wait, and since when the oldest does
    order               keeps the order of what one publisher sends with one key
    single_acks         what is settled stays so where an older message is not
    survives_restart    keeps messages when no instance is left
    unroutable          finds out that a destination is not there
)";

Setters setters_of(Options& options) {
    return {{"--plugin", text_into(options.plugin)},
            {"--broker", text_into(options.broker)},
            {"--messages", number_into("--messages", options.messages)},
            {"--restarts", number_into("--restarts", options.restarts)},
            {"--crashes", number_into("--crashes", options.crashes)},
            {"--crash-child", number_into("--crash-child", options.crash_child)},
            {"--name", text_into(options.name)}};
}

}  // namespace

std::string_view usage() { return kUsage; }

Options parse_options(const std::vector<std::string_view>& arguments) {
    Options options;
    parse_arguments(arguments, setters_of(options));
    return options;
}

}  // namespace belfry::conformance::broker
