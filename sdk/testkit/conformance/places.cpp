#include "sdk/testkit/conformance/places.hpp"

#include <ostream>
#include <string_view>

namespace belfry::conformance {
namespace {

using sdk::Notification;

Place in_notification(const std::string& name, std::string Notification::* member) {
    return {"append_" + name,
            [member](const std::string& text) {
                auto sent = note("n");
                sent.*member = text;
                return std::move(Group().append(sent, {"s"}));
            },
            [member](Store& store, const std::string&) {
                const auto page = store.read("s");
                return page.entries.empty() ? "" : (*page.entries.front().notification).*member;
            }};
}

/// With the other half of the pair.
Place in_pair(const std::string& name, std::string Notification::* member) {
    auto place = in_notification(name, member);
    place.write = [member](const std::string& text) {
        auto sent = note_of("n", "source", "event");
        sent.*member = text;
        return std::move(Group().append(sent, {"s"}, "hash"));
    };
    return place;
}

Place in_stream() {
    return {"append_stream",
            [](const std::string& text) { return std::move(Group().append(note("n"), {text})); },
            [](Store& store, const std::string&) {
                const auto heads = store.streams("", 10);
                return heads.empty() ? "" : heads.front().stream;
            }};
}

Place in_device() {
    return {"cursor_device",
            [](const std::string& text) {
                return std::move(Group().append(note("n"), {"s"}).cursor("s", text, 1, 1));
            },
            [](Store& store, const std::string&) {
                const auto cursors = store.cursors("s").cursors;
                return cursors.empty() ? "" : cursors.front().device;
            }};
}

std::string first_found(Store& store, std::string_view collection, std::string_view index,
                        std::string sdk::Document::* member) {
    bf_find query{};
    query.collection = sdk::str(collection);
    query.index = sdk::str(index);
    query.limit = 10;
    const auto documents = store.find(query).documents;
    return documents.empty() ? "" : documents.front().*member;
}

Place in_collection() {
    return {"put_collection",
            [](const std::string& text) {
                return std::move(Group().put(text, "id", BF_VERSION_NONE, "document"));
            },
            [](Store& store, const std::string& text) {
                return first_found(store, text, "", &sdk::Document::id).empty() ? "" : text;
            }};
}

Place in_document_id() {
    return {"put_id",
            [](const std::string& text) {
                return std::move(Group().put("c", text, BF_VERSION_NONE, "document"));
            },
            [](Store& store, const std::string&) {
                return first_found(store, "c", "", &sdk::Document::id);
            }};
}

Place in_index() {
    return {"put_index",
            [](const std::string& text) {
                return std::move(
                    Group().put("c", "id", BF_VERSION_NONE, "document", {{text, "value", true}}));
            },
            [](Store& store, const std::string& text) {
                return first_found(store, "c", text, &sdk::Document::id).empty() ? "" : text;
            }};
}

Place in_index_value() {
    return {"put_value",
            [](const std::string& text) {
                return std::move(
                    Group().put("c", "id", BF_VERSION_NONE, "document", {{"index", text, true}}));
            },
            [](Store& store, const std::string&) {
                return first_found(store, "c", "index", &sdk::Document::key);
            }};
}

std::string first_job(Store& store, std::string_view queue, std::uint32_t state,
                      std::string sdk::Job::* member) {
    const auto jobs = store.jobs(queue, state).jobs;
    return jobs.empty() ? "" : jobs.front().*member;
}

Place in_queue() {
    return {"owe_queue",
            [](const std::string& text) { return std::move(Group().owe(text, "id", 1)); },
            [](Store& store, const std::string& text) {
                return first_job(store, text, BF_JOB_PENDING, &sdk::Job::queue);
            }};
}

Place in_job_id() {
    return {"owe_id", [](const std::string& text) { return std::move(Group().owe("q", text, 1)); },
            [](Store& store, const std::string&) {
                return first_job(store, "q", BF_JOB_PENDING, &sdk::Job::id);
            }};
}

Place in_lane() {
    return {"owe_lane",
            [](const std::string& text) { return std::move(Group().owe("q", "id", 1, text)); },
            [](Store& store, const std::string&) {
                return first_job(store, "q", BF_JOB_PENDING, &sdk::Job::lane);
            }};
}

}  // namespace

const std::vector<Place>& places() {
    static const std::vector<Place> all{
        in_notification("id", &Notification::id),
        in_notification("type", &Notification::type),
        in_notification("title", &Notification::title),
        in_notification("body", &Notification::body),
        in_notification("data_type", &Notification::data_type),
        in_notification("collapse_key", &Notification::collapse_key),
        in_notification("trace", &Notification::trace),
        in_pair("source", &Notification::source),
        in_pair("event_id", &Notification::event_id),
        in_stream(),
        in_device(),
        in_collection(),
        in_document_id(),
        in_index(),
        in_index_value(),
        in_queue(),
        in_job_id(),
        in_lane(),
    };
    return all;
}

void PrintTo(const Place& place, std::ostream* out) { *out << place.name; }

}  // namespace belfry::conformance
