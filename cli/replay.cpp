#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/text.hpp"
#include "daemon/base/progress.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <string>

namespace belfry::cli {
namespace {

namespace json = boost::json;

constexpr std::uint64_t kChunk = 100;

Outcome<json::value> ask(Client& client, std::string_view method, const std::string& target,
                         std::string body = {}) {
    const auto answer = client.request(method, target, std::move(body));
    if (!answer) {
        return std::unexpected(answer.error());
    }
    if (answer->status != 200) {
        return std::unexpected(to_failure(*answer));
    }
    return json::parse(answer->body);
}

/// How many dead letters wait; 0 = the broker does not know.
Outcome<std::uint64_t> count_dead(Client& client, const std::string& source) {
    const auto listed = ask(client, "GET", "/v1/sources");
    if (!listed) {
        return std::unexpected(listed.error());
    }
    for (const json::value& one : listed->at("sources").as_array()) {
        const json::object& row = one.as_object();
        if (std::string_view(row.at("name").as_string()) == source &&
            row.contains("dead_letters")) {
            return row.at("dead_letters").to_number<std::uint64_t>();
        }
    }
    return 0;
}

}  // namespace

/// What died before the first chunk; what dies again meanwhile is left alone.
Outcome<> replay(const Common& common, const ReplayOptions& options) {
    Client client(common.socket);
    const auto waiting = count_dead(client, options.source);
    if (!waiting) {
        return std::unexpected(waiting.error());
    }
    const std::uint64_t most = options.limit == 0 ? UINT64_MAX : options.limit;
    Progress progress(system_clock(), "replaying " + printable(options.source),
                      *waiting == 0 ? 0 : std::min(*waiting, most), "messages");
    json::object input;
    std::uint64_t done = 0;
    while (done < most) {
        input["limit"] = std::min(kChunk, most - done);
        const auto chunk =
            ask(client, "POST", "/v1/sources/" + to_path_segment(options.source) + "/replay",
                json::serialize(input));
        if (!chunk) {
            return fail(chunk.error().exit_code,
                        chunk.error().message + "; " + std::to_string(done) + " were replayed");
        }
        const auto count = chunk->at("replayed").to_number<std::uint64_t>();
        if (count == 0) {
            break;
        }
        done += count;
        input["before"] = chunk->at("before");
        progress.show(done);
    }
    print_line(common.is_json ? json::serialize(json::object{{"replayed", done}})
                              : std::to_string(done) + " messages replayed");
    return {};
}

}  // namespace belfry::cli
