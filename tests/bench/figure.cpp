#include "tests/bench/figure.hpp"

#include "daemon/base/json_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fstream>
#include <ostream>

namespace belfry::bench {
namespace {

constexpr std::size_t kColumns = 7;
using Row = std::array<std::string, kColumns>;

std::string print(double value, int decimals) {
    std::array<char, 64> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value,
                                   std::chars_format::fixed, decimals);
    return {text.data(), end.ptr};
}

/// About four digits that mean something.
std::string print(double value) {
    constexpr double kWhole = 1000;
    constexpr double kTenths = 100;
    const double size = std::abs(value);
    const int few = size >= kTenths ? 1 : 2;
    return print(value, size >= kWhole ? 0 : few);
}

bool has_reference(const Figure& figure) { return !figure.reference.name.empty(); }

bool has_ratio(const Figure& figure) {
    return has_reference(figure) && figure.reference.value != 0;
}

double ratio_of(const Figure& figure) { return figure.value / figure.reference.value; }

Row to_row(const Figure& figure) {
    return {
        figure.bench,
        figure.name,
        print(figure.value),
        figure.unit,
        has_reference(figure) ? figure.reference.name + ' ' + print(figure.reference.value) : "-",
        has_ratio(figure) ? print(ratio_of(figure), 2) : "-",
        figure.conditions};
}

void print_row(std::ostream& out, const Row& row, const std::array<std::size_t, kColumns>& widths) {
    constexpr std::size_t kValue = 2;
    constexpr std::size_t kRatio = 5;
    constexpr std::size_t kLast = kColumns - 1;
    for (std::size_t i = 0; i < kLast; ++i) {
        const std::string padding(widths[i] - row[i].size(), ' ');
        const bool is_number = i == kValue || i == kRatio;
        out << (is_number ? padding + row[i] : row[i] + padding) << "  ";
    }
    out << row[kLast] << '\n';
}

}  // namespace

void print_table(std::ostream& out, std::span<const Figure> figures) {
    std::vector<Row> rows{{"bench", "figure", "value", "unit", "reference", "ratio", "conditions"}};
    std::ranges::transform(figures, std::back_inserter(rows), to_row);
    std::array<std::size_t, kColumns> widths{};
    for (const Row& row : rows) {
        for (std::size_t i = 0; i < kColumns; ++i) {
            widths[i] = std::max(widths[i], row[i].size());
        }
    }
    for (const Row& row : rows) {
        print_row(out, row, widths);
    }
    out.flush();
}

std::string to_json(std::span<const Figure> figures) {
    constexpr int kDecimals = 4;
    std::string text = "[";
    for (const Figure& figure : figures) {
        text += text.size() > 1 ? ",\n " : "\n ";
        JsonObject object(text);
        object.text("bench", figure.bench)
            .text("figure", figure.name)
            .raw("value", print(figure.value, kDecimals))
            .text("unit", figure.unit);
        if (has_reference(figure)) {
            object.text("reference", figure.reference.name)
                .raw("reference_value", print(figure.reference.value, kDecimals));
        } else {
            object.raw("reference", "null").raw("reference_value", "null");
        }
        object.raw("ratio", has_ratio(figure) ? print(ratio_of(figure), kDecimals) : "null")
            .text("conditions", figure.conditions);
    }
    return text + "\n]\n";
}

Result<> write_json(const std::string& file, std::span<const Figure> figures) {
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    out << to_json(figures);
    out.close();
    if (!out) {
        return fail(Code::unavailable, file + ": cannot be written");
    }
    return {};
}

}  // namespace belfry::bench
