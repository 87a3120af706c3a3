#include "tests/bench/samples.hpp"

#include <algorithm>
#include <cmath>

namespace belfry::bench {

double Samples::milliseconds(double q) const {
    if (values_.empty()) {
        return 0;
    }
    std::vector<Nanos> values = values_;
    const auto rank = std::ceil(q * static_cast<double>(values.size()));
    const auto nth = values.begin() + std::max<std::ptrdiff_t>(std::lround(rank) - 1, 0);
    std::ranges::nth_element(values, nth);
    return static_cast<double>(*nth) / static_cast<double>(kMillisecond);
}

double median(std::vector<double> values) {
    if (values.empty()) {
        return 0;
    }
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    if (values.size() % 2 != 0) {
        return *middle;
    }
    return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

}  // namespace belfry::bench
