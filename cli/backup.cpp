#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/text.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>

namespace belfry::cli {

namespace json = boost::json;

Outcome<> back_up(const Common& common, const std::string& name) {
    json::object input;
    if (!name.empty()) {
        input["name"] = name;
    }
    Client client(common.socket);
    const auto answer = client.request("POST", "/v1/storage/backups", json::serialize(input));
    if (!answer) {
        return std::unexpected(answer.error());
    }
    if (answer->status != 201) {
        return std::unexpected(to_failure(*answer));
    }
    print_line(common.is_json ? answer->body
                              : json::value_to<std::string>(json::parse(answer->body).at("path")));
    return {};
}

}  // namespace belfry::cli
