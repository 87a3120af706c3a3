/// The sources of a daemon.
#pragma once

#include "daemon/mailbox/source.hpp"

#include <memory>
#include <string_view>
#include <vector>

namespace belfry {

/// Filled before use, then any thread.
class Sources {
public:
    Source& add(std::unique_ptr<Source> source) {
        return *sources_.emplace_back(std::move(source));
    }
    /// nullptr where there is none of this name.
    [[nodiscard]] const Source* find(std::string_view name) const;
    [[nodiscard]] const auto& all() const { return sources_; }

private:
    std::vector<std::unique_ptr<Source>> sources_;
};

}  // namespace belfry
