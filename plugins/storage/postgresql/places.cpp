#include "plugins/storage/postgresql/places.hpp"

#include <algorithm>

namespace belfry::postgresql {

using sdk::view;

Places::Places(std::span<Note* const> notes, std::span<const std::uint32_t> numbers)
    : numbers_(numbers), is_fan_out_(notes.size() == 1) {
    collect(notes);
    count(notes);
    is_uniform_ = std::ranges::adjacent_find(streams_, std::not_equal_to{}) == streams_.end();
}

void Places::collect(std::span<Note* const> notes) {
    for (std::uint32_t note = 0; note < notes.size(); ++note) {
        const auto& op = *notes[note]->op;
        places_.reserve(places_.size() + op.stream_count);
        for (std::uint32_t index = 0; index < op.stream_count; ++index) {
            places_.push_back({.name = view(op.streams[index]), .note = note, .index = index});
        }
    }
    if (!std::ranges::is_sorted(places_, {}, &Place::name)) {
        std::ranges::stable_sort(places_, {}, &Place::name);
    }
}

void Places::count(std::span<Note* const> notes) {
    for (auto& place : places_) {
        if (streams_.empty() || streams_.back().name != place.name) {
            streams_.push_back({.name = place.name});
        }
        auto& stream = streams_.back();
        place.nth = ++stream.count;
        place.stream = static_cast<std::uint32_t>(streams_.size() - 1);
        stream.unread += notes[place.note]->op->entry_kind == BF_ENTRY_NOTIFICATION ? 1 : 0;
    }
}

ArrayParameter Places::names() const {
    ArrayParameter names(ArrayParameter::Element::text);
    for (const auto& stream : streams_) {
        names.add(stream.name);
    }
    return names;
}

ArrayParameter Places::column(std::uint32_t Stream::* member) const {
    ArrayParameter column(ArrayParameter::Element::int8);
    const auto size = is_uniform_ ? std::min<std::size_t>(streams_.size(), 1) : streams_.size();
    for (std::size_t i = 0; i < size; ++i) {
        column.add(std::int64_t{streams_[i].*member});
    }
    return column;
}

ArrayParameter Places::counts() const { return column(&Stream::count); }
ArrayParameter Places::unreads() const { return column(&Stream::unread); }

Places::Entries Places::entries() const {
    constexpr auto kElement = ArrayParameter::Element::int4;
    Entries entries{ArrayParameter(kElement), ArrayParameter(kElement), ArrayParameter(kElement)};
    if (is_fan_out_) {
        return entries;
    }
    for (const auto& place : places_) {
        entries.streams.add(std::int64_t{place.stream} + 1);
        entries.notes.add(std::int64_t{numbers_[place.note]} + 1);
        entries.nth.add(std::int64_t{place.nth});
    }
    return entries;
}

void Places::fill_results(std::span<Note* const> notes, std::span<const std::int64_t> epochs,
                          std::span<const std::int64_t> heads) const {
    for (auto* note : notes) {
        note->result->id = view(note->op->notification->id);
        note->result->epochs.resize(note->op->stream_count);
        note->result->seqs.resize(note->op->stream_count);
    }
    for (const auto& place : places_) {
        auto& result = *notes[place.note]->result;
        const auto before = heads[place.stream] - streams_[place.stream].count;
        result.epochs[place.index] = static_cast<std::uint64_t>(epochs[place.stream]);
        result.seqs[place.index] = static_cast<std::uint64_t>(before + place.nth);
    }
}

}  // namespace belfry::postgresql
