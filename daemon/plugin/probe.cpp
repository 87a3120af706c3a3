#include "daemon/plugin/probe.hpp"

#include "daemon/config/problem.hpp"
#include "daemon/plugin/child_process.hpp"

#include <boost/json.hpp>

namespace belfry::plugin {
namespace {

namespace json = boost::json;

std::unexpected<Error> refuse(const PluginFile& file, const std::string& reason) {
    return fail(Code::invalid, file.path + ": " + reason);
}

std::string last_words(const ChildResult& child) {
    std::string_view said = child.errors;
    while (said.ends_with('\n')) {
        said.remove_suffix(1);
    }
    const auto line = said.rfind('\n');
    said = line == std::string_view::npos ? said : said.substr(line + 1);
    return said.empty() ? "" : "; its last words: " + config::quote(said);
}

std::string member_text(const json::object& from, std::string_view key) {
    const json::value* value = from.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

std::uint16_t number(const json::value* from) {
    if (from == nullptr || !from->is_int64() || from->get_int64() < 0 ||
        from->get_int64() > UINT16_MAX) {
        return 0;
    }
    return static_cast<std::uint16_t>(from->get_int64());
}

Kind to_kind(std::string_view name) {
    for (const Kind kind : {Kind::storage, Kind::broker, Kind::transport, Kind::push, Kind::app}) {
        if (name_of(kind) == name) {
            return kind;
        }
    }
    return Kind{};
}

/// A description the child printed; it may be anything.
std::optional<About> parse_about(const json::object& line) {
    About about{member_text(line, "name"), member_text(line, "version"),
                member_text(line, "summary"), to_kind(member_text(line, "kind"))};
    const json::value* abi = line.if_contains("abi");
    if (abi != nullptr && abi->is_array() && abi->get_array().size() == 2) {
        about.abi_major = number(&abi->get_array()[0]);
        about.abi_minor = number(&abi->get_array()[1]);
    }
    if (!is_plugin_name(about.name) || about.kind == Kind{} || about.abi_major == 0) {
        return std::nullopt;
    }
    return about;
}

}  // namespace

Result<About> probe(const std::string& program, const PluginFile& file, Nanos limit) {
    const auto child = run_child({program, "probe", file.path, file.name}, limit);
    if (!child) {
        return refuse(file, "the probe cannot be run: " + child.error().message);
    }
    if (child->end == ChildResult::End::timeout) {
        return refuse(file, "did not load within " + std::to_string(limit / kMillisecond) +
                                " ms: it was killed" + last_words(*child));
    }
    if (child->end == ChildResult::End::signal) {
        return refuse(file,
                      "crashed while it was loaded: " + child->signal_name + last_words(*child));
    }
    json::error_code error;
    const json::value parsed = json::parse(child->output, error);
    const json::object* line = error ? nullptr : parsed.if_object();
    if (line == nullptr) {
        return refuse(file, "ended the process while it was loaded, with exit code " +
                                std::to_string(child->exit_code) + last_words(*child));
    }
    if (const std::string reason = member_text(*line, "error"); !reason.empty()) {
        return refuse(file, reason);
    }
    auto about = parse_about(*line);
    if (!about || child->exit_code != 0) {
        return refuse(file, "the probe answered something else than a description: " +
                                config::quote(child->output));
    }
    return *std::move(about);
}

}  // namespace belfry::plugin
