#include "daemon/config/profile.hpp"

#include "daemon/config/profile_checks.hpp"
#include "daemon/config/profile_reader.hpp"
#include "daemon/config/schema.hpp"
#include "daemon/config/sections.hpp"

#include <iterator>
#include <map>
#include <utility>

namespace belfry::config {
namespace {

void append(std::vector<Problem>& to, std::vector<Problem> from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

void sort_by_place(std::vector<Problem>& problems) {
    std::multimap<std::pair<std::uint32_t, std::uint32_t>, Problem> sorted;
    for (Problem& problem : problems) {
        const auto place = std::pair(problem.where.line, problem.where.column);
        sorted.emplace(place, std::move(problem));
    }
    problems.clear();
    for (auto& [place, problem] : sorted) {
        problems.push_back(std::move(problem));
    }
}

LoadResult load_unsorted(std::string_view text, std::string_view filename,
                         const Environment& environment) {
    LoadResult out;
    Document document = parse_document(text, filename);
    if (!document.problems.empty()) {
        out.problems = std::move(document.problems);
        return out;
    }
    const auto schema = Schema::parse(profile_schema());
    if (!schema) {
        out.problems.push_back({document.root.mark, {}, schema.error().message});
        return out;
    }
    Sections sections = take_sections(document.root, out.problems);
    Validation checked = validate(*schema, document.root, {environment});
    append(out.problems, std::move(checked.problems));
    out.warnings = std::move(checked.warnings);
    if (!out.problems.empty()) {
        return out;
    }
    const auto& canonical = checked.canonical.as_object();
    out.problems = check_profile(canonical, document.root);
    if (!out.problems.empty()) {
        return out;
    }
    out.profile = read_profile(canonical, document.root, std::move(sections));
    out.profile->file = filename;
    if (out.profile->node.empty()) {
        out.profile->node = environment.host_name();
    }
    return out;
}

}  // namespace

LoadResult load_profile(std::string_view text, std::string_view filename,
                        const Environment& environment) {
    LoadResult out = load_unsorted(text, filename, environment);
    sort_by_place(out.problems);
    return out;
}

}  // namespace belfry::config
