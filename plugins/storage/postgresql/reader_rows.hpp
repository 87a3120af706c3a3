/// Rows of results as values.
#pragma once

#include <belfry/storage.hpp>

#include <pqxx/row>

#include <cstdint>
#include <memory>
#include <string_view>

namespace belfry::postgresql {

constexpr std::uint64_t kMaxRows = 10'000;
constexpr std::uint64_t kMaxBytes = 64U << 20U;

/// What notification_at takes, of table `b`.
constexpr std::string_view kNotificationColumns =
    "b.id, b.revision, b.type, b.title, b.body, b.data, b.data_type, b.priority, b.collapse_key,"
    " b.created_at, b.expires_at, b.source, b.event_id, b.trace";

/// From kNotificationColumns, the first of which is `first`.
std::shared_ptr<sdk::Notification> notification_at(const pqxx::row& row, int first);

/// From: epoch, head, earliest, unread; NULL where there is no such stream.
sdk::Head head_at(const pqxx::row& row, int first, std::string_view stream);

}  // namespace belfry::postgresql
