#include "daemon/config/schema_keywords.hpp"

#include "daemon/config/keyword_setters.hpp"
#include "daemon/config/problem.hpp"
#include "daemon/config/text.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace belfry::config {
namespace {

constexpr std::array<std::string_view, 7> kTypeNames{"any",     "string", "integer", "number",
                                                     "boolean", "object", "array"};

constexpr unsigned bit(Type type) { return 1U << static_cast<unsigned>(type); }
constexpr unsigned kAll = 0xFFU;
constexpr unsigned kString = bit(Type::string);
constexpr unsigned kInteger = bit(Type::integer);
constexpr unsigned kNumber = bit(Type::number);
constexpr unsigned kObject = bit(Type::object);
constexpr unsigned kArray = bit(Type::array);
constexpr unsigned kScalar = kString | kInteger | kNumber | bit(Type::boolean);

template <auto Set, bool IsLeast>
Result<> limit(Rule& rule, const Keyword& keyword) {
    return Set(rule, keyword, IsLeast);
}

struct Entry {
    std::string_view name;
    unsigned types;  ///< bits of those it may stand beside
    Result<> (*apply)(Rule& rule, const Keyword& keyword);
};

constexpr std::array kKeywords{
    Entry{"type", kAll, keywords::set_type},
    Entry{"x-unit", kInteger, keywords::set_unit},
    Entry{"properties", kObject, keywords::set_properties},
    Entry{"required", kObject, keywords::set_required},
    Entry{"additionalProperties", kObject, keywords::set_additional},
    Entry{"items", kArray, keywords::set_items},
    Entry{"enum", kScalar, keywords::set_enum},
    Entry{"const", kScalar, keywords::set_const},
    Entry{"minimum", kInteger | kNumber, limit<keywords::set_bound, true>},
    Entry{"maximum", kInteger | kNumber, limit<keywords::set_bound, false>},
    Entry{"minLength", kString, limit<keywords::set_length, true>},
    Entry{"maxLength", kString, limit<keywords::set_length, false>},
    Entry{"pattern", kString, keywords::set_pattern},
    Entry{"minItems", kArray, limit<keywords::set_length, true>},
    Entry{"maxItems", kArray, limit<keywords::set_length, false>},
    Entry{"uniqueItems", kArray, keywords::set_unique},
    Entry{"default", kAll, keywords::set_default},
    Entry{"description", kAll, keywords::check_text},
    Entry{"title", kAll, keywords::check_text},
    Entry{"x-secret", kString, keywords::set_secret},
    Entry{"x-reload", kAll, keywords::check_reload},
};

std::string unknown_keyword(std::string_view name) {
    std::vector<std::string> known;
    known.reserve(kKeywords.size());
    for (const Entry& entry : kKeywords) {
        known.emplace_back(entry.name);
    }
    std::string message = "expected a supported keyword, found " + quote(name);
    if (const auto similar = nearest(name, known)) {
        message += "; did you mean " + quote(*similar) + "?";
    }
    return message;
}

}  // namespace

Result<> apply_keyword(Rule& rule, const Keyword& keyword) {
    if (keyword.pointer.rfind('/') == 0 && (keyword.name == "$schema" || keyword.name == "$id")) {
        return keywords::check_text(rule, keyword);
    }
    const auto* entry = std::ranges::find(kKeywords, keyword.name, &Entry::name);
    if (entry == kKeywords.end()) {
        return fail(Code::invalid, unknown_keyword(keyword.name), keyword.pointer);
    }
    if ((entry->types & bit(rule.type)) == 0) {
        return fail(Code::invalid,
                    "expected a keyword that fits the type " + std::string(name_of(rule.type)) +
                        ", found " + quote(keyword.name),
                    keyword.pointer);
    }
    return entry->apply(rule, keyword);
}

std::string_view name_of(Type type) { return kTypeNames.at(static_cast<std::size_t>(type)); }

std::string join_pointer(std::string_view pointer, std::string_view token) {
    std::string out(pointer);
    out += '/';
    for (const char letter : token) {
        if (letter == '~') {
            out += "~0";
        } else if (letter == '/') {
            out += "~1";
        } else {
            out += letter;
        }
    }
    return out;
}

}  // namespace belfry::config
