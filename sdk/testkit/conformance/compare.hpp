/// A storage held against the model. Each function says the first difference, or nothing.
#pragma once

#include "sdk/testkit/conformance/model.hpp"
#include "sdk/testkit/conformance/store.hpp"

#include <string>

namespace belfry::conformance {

/// Of two notifications: the name of the first member that is another one.
std::string difference(const sdk::Notification& expected, const sdk::Notification& found);
/// Epochs that the model does not know yet are taken for what they are.
std::string difference(const sdk::GroupResult& expected, const sdk::GroupResult& found);

std::string stream_difference(const ModelStream& expected, const std::string& name, Store& store);
std::string collection_difference(const Model& expected, const std::string& name,
                                  const std::vector<std::string>& indexes, Store& store);
std::string queue_difference(const Model& expected, const std::string& name, Store& store);

}  // namespace belfry::conformance
