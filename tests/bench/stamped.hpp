/// Bodies that tell when they were sent.
#pragma once

#include "daemon/base/time.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::bench {

constexpr std::size_t kBodyBytes = 128;

/// kBodyBytes bytes with a place for a time stamp; nothing in it needs an escape in JSON.
std::string stampable_body();
/// The stamp of the first body in the text.
std::optional<Nanos> find_stamp(std::string_view text);

/// Text with bodies in it whose stamps are renewed in place.
class Stamped {
public:
    explicit Stamped(std::string text);
    [[nodiscard]] const std::string& at(Nanos time);

private:
    std::string text_;
    std::vector<std::size_t> places_;
};

}  // namespace belfry::bench
