#include "daemon/config/substitute.hpp"

#include "daemon/base/utf8.hpp"
#include "daemon/config/problem.hpp"

#include <algorithm>
#include <optional>

namespace belfry::config {
namespace {

constexpr std::string_view kOpen = "${";
constexpr std::string_view kEscaped = "$${";
constexpr std::string_view kFile = "file:";
constexpr std::string_view kCredential = "credential:";
constexpr const char* kDirectory = "CREDENTIALS_DIRECTORY";

bool is_variable_name(std::string_view name) {
    const auto is_letter = [](char c) {
        return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    };
    return !name.empty() && is_letter(name[0]) && std::ranges::all_of(name, [&](char c) {
        return is_letter(c) || (c >= '0' && c <= '9');
    });
}

/// Variables and files go into JSON and C strings.
bool is_fit(std::string_view value) { return is_utf8(value) && !value.contains('\0'); }

/// The value of what stands between the braces.
Result<std::string> look_up(std::string_view inside, const Environment& environment) {
    const std::size_t dash = inside.find(":-");
    const std::string name(inside.substr(0, dash));
    if (!is_variable_name(name)) {
        return fail(Code::invalid,
                    "expected a variable's name (letters, digits, _) between ${ and }, found "
                    "something else; a literal ${ is written $${");
    }
    auto value = environment.variable(name);
    const bool has_default = dash != std::string_view::npos;
    if (has_default && (!value || value->empty())) {
        const std::string_view other = inside.substr(dash + 2);
        if (other.contains(kOpen)) {
            return fail(Code::invalid, "expected plain text as the default of ${" + name +
                                           "}, found another variable");
        }
        return std::string(other);
    }
    if (!value) {
        return fail(Code::not_found, "expected the environment variable " + name +
                                         " to be set, found that it is not");
    }
    if (!is_fit(*value)) {
        return fail(Code::invalid, "expected text in UTF-8 in the environment variable " + name +
                                       ", found bytes that are not");
    }
    return std::move(*value);
}

Result<std::string> read_secret(const std::string& path, const Environment& environment) {
    auto content = environment.read_file(path);
    if (!content) {
        return fail(content.error().code,
                    "expected a file with the secret, found: " + content.error().message);
    }
    if (content->ends_with('\n')) {
        content->pop_back();
        if (content->ends_with('\r')) {
            content->pop_back();
        }
    }
    if (content->empty() || !is_fit(*content)) {
        return fail(Code::invalid, "expected a secret as UTF-8 text in " + path + ", found " +
                                       (content->empty() ? "nothing" : "other bytes"));
    }
    return content;
}

Result<std::string> credential_path(const std::string& name, const Environment& environment) {
    if (name.empty() || name.starts_with('.') || name.contains('/')) {
        return fail(Code::invalid,
                    "expected the name of a file without / behind credential:, found another text");
    }
    const auto directory = environment.variable(kDirectory);
    if (!directory || directory->empty()) {
        return fail(Code::not_found, "expected systemd's credential " + quote(name) +
                                         ", found no $CREDENTIALS_DIRECTORY");
    }
    return *directory + '/' + name;
}

}  // namespace

Result<Expanded> expand(std::string_view text, const Environment& environment) {
    Expanded out;
    while (true) {
        const std::size_t open = text.find(kOpen);
        if (open == std::string_view::npos) {
            out.text += text;
            return out;
        }
        const bool is_escaped = open > 0 && text.substr(open - 1).starts_with(kEscaped);
        if (is_escaped) {
            out.text.append(text.substr(0, open - 1)).append(kOpen);
            text.remove_prefix(open + kOpen.size());
            continue;
        }
        const std::size_t close = text.find('}', open);
        if (close == std::string_view::npos) {
            return fail(Code::invalid, "expected } behind ${, found the end of the value");
        }
        const std::size_t start = open + kOpen.size();
        auto value = look_up(text.substr(start, close - start), environment);
        if (!value) {
            return std::unexpected(value.error());
        }
        out.text.append(text.substr(0, open)).append(*value);
        out.has_changed = true;
        text.remove_prefix(close + 1);
    }
}

Result<SecretText> resolve_secret(std::string_view text, const Environment& environment) {
    auto expanded = expand(text, environment);
    if (!expanded) {
        return std::unexpected(expanded.error());
    }
    std::optional<std::string> path;
    if (text.starts_with(kCredential)) {
        auto found = credential_path(expanded->text.substr(kCredential.size()), environment);
        if (!found) {
            return std::unexpected(found.error());
        }
        path = std::move(*found);
    } else if (text.starts_with(kFile)) {
        path = expanded->text.substr(kFile.size());
        if (!path->starts_with('/')) {
            return fail(Code::invalid,
                        "expected an absolute path behind file:, found another text");
        }
    }
    if (!path) {
        return SecretText{std::move(expanded->text), !expanded->has_changed};
    }
    auto content = read_secret(*path, environment);
    if (!content) {
        return std::unexpected(content.error());
    }
    return SecretText{std::move(*content), false};
}

}  // namespace belfry::config
