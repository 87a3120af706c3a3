/// What is consumed from brokers, and what could not be.
#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <iomanip>
#include <sstream>
#include <string>

namespace belfry::cli {
namespace {

namespace json = boost::json;

/// An array that is a member of what is answered.
Outcome<json::array> get_list(const Common& common, const std::string& target,
                              std::string_view member) {
    Client client(common.socket);
    const auto answer = client.request("GET", target);
    if (!answer) {
        return std::unexpected(answer.error());
    }
    if (answer->status != 200) {
        return std::unexpected(to_failure(*answer));
    }
    return json::parse(answer->body).at(member).as_array();
}

/// A member for a table; "-" where it is missing.
std::string cell(const json::object& row, std::string_view name) {
    const json::value* value = row.if_contains(name);
    if (value == nullptr) {
        return "-";
    }
    return printable(value->is_string() ? std::string(std::string_view(value->get_string()))
                                        : json::serialize(*value));
}

void print_rows(const json::array& rows) {
    for (const json::value& row : rows) {
        print_line(json::serialize(row));
    }
}

std::string source_line(const json::object& source) {
    std::ostringstream line;
    line << std::left << std::setw(20) << cell(source, "name") << ' ' << std::setw(12)
         << cell(source, "broker") << ' ' << std::setw(8) << cell(source, "state") << ' '
         << std::right << std::setw(9) << cell(source, "lag") << ' ' << std::setw(9)
         << cell(source, "in_flight") << ' ' << std::setw(12) << cell(source, "dead_letters");
    if (source.contains("reason")) {
        line << "  " << cell(source, "reason");
    }
    return line.str();
}

void print_dead_letter(const json::object& letter) {
    print_line(cell(letter, "died_at") + "  " + cell(letter, "id") + "  " + cell(letter, "reason") +
               "  (" + cell(letter, "destination") + ", " + cell(letter, "attempts") +
               " attempts, " + cell(letter, "size") + " bytes)");
    for (const char* body : {"body", "body_base64"}) {
        if (letter.contains(body)) {
            print_line("    " + cell(letter, body));
        }
    }
}

}  // namespace

Outcome<> list_sources(const Common& common) {
    const auto sources = get_list(common, "/v1/sources", "sources");
    if (!sources) {
        return std::unexpected(sources.error());
    }
    if (common.is_json) {
        print_rows(*sources);
        return {};
    }
    print_line("NAME                 BROKER       STATE          LAG IN FLIGHT DEAD LETTERS");
    for (const json::value& source : *sources) {
        print_line(source_line(source.as_object()));
    }
    return {};
}

Outcome<> list_dead_letters(const Common& common, const DeadLetterOptions& options) {
    const auto letters = get_list(common,
                                  "/v1/sources/" + to_path_segment(options.source) +
                                      "/dead-letters?limit=" + std::to_string(options.limit) +
                                      (options.with_body ? "&body=true" : ""),
                                  "dead_letters");
    if (!letters) {
        return std::unexpected(letters.error());
    }
    if (common.is_json) {
        print_rows(*letters);
        return {};
    }
    for (const json::value& letter : *letters) {
        print_dead_letter(letter.as_object());
    }
    return {};
}

}  // namespace belfry::cli
