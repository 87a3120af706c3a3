#include "plugins/storage/sqlite/journal.hpp"

#include "plugins/storage/sqlite/digest.hpp"

#include <sqlite3.h>

#include <cstddef>

namespace belfry::sqlite {

namespace {

constexpr std::size_t kDigestBytes = 8;
constexpr unsigned kGroupBits = 7;

void put(std::string& text, std::uint64_t value) {
    for (; value >= 1U << kGroupBits; value >>= kGroupBits) {
        text += static_cast<char>(value | 1U << kGroupBits);
    }
    text += static_cast<char>(value);
}

/// Small numbers of either sign become small ones.
void put_step(std::string& text, std::int64_t from, std::int64_t to) {
    const auto step = static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from);
    put(text, step << 1U ^ (0 - (step >> 63U)));
}

class Text {
public:
    explicit Text(std::string_view text) : text_(text) {}

    [[nodiscard]] bool is_empty() const { return text_.empty(); }
    bool take(std::uint64_t& value) {
        value = 0;
        for (unsigned shift = 0; shift < 64 && !text_.empty(); shift += kGroupBits) {
            const auto byte = static_cast<unsigned char>(text_.front());
            text_.remove_prefix(1);
            value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
            if (byte < 1U << kGroupBits) {
                return true;
            }
        }
        return false;
    }
    bool take_step(std::int64_t& value) {
        std::uint64_t step = 0;
        const bool is_there = take(step);
        const auto change = step >> 1U ^ (0 - (step & 1U));
        value = static_cast<std::int64_t>(static_cast<std::uint64_t>(value) + change);
        return is_there;
    }

private:
    std::string_view text_;
};

std::string digest_of(std::string_view text) {
    auto value = Digest().add(text).value();
    std::string digest;
    for (std::size_t i = 0; i < kDigestBytes; ++i, value >>= 8U) {
        digest += static_cast<char>(value & 0xffU);
    }
    return digest;
}

}  // namespace

std::string pack_arrivals(const std::vector<Arrival>& arrivals) {
    std::string text;
    Arrival last;
    for (const auto& arrival : arrivals) {
        put_step(text, last.stream, arrival.stream);
        put(text, arrival.seq);
        put_step(text, last.ref, arrival.ref);
        put(text, arrival.kind);
        last = arrival;
    }
    return text + digest_of(text);
}

bool unpack_arrivals(std::string_view text, std::vector<Arrival>& arrivals) {
    if (text.size() < kDigestBytes || digest_of(text.substr(0, text.size() - kDigestBytes)) !=
                                          text.substr(text.size() - kDigestBytes)) {
        return false;
    }
    Text left(text.substr(0, text.size() - kDigestBytes));
    Arrival arrival;
    while (!left.is_empty()) {
        std::uint64_t kind = 0;
        if (!left.take_step(arrival.stream) || !left.take(arrival.seq) ||
            !left.take_step(arrival.ref) || !left.take(kind)) {
            return false;
        }
        arrival.kind = static_cast<std::uint32_t>(kind);
        arrivals.push_back(arrival);
    }
    return true;
}

Journal::Journal(SQLite::Database& database)
    : database_(database), insert_(database, "INSERT INTO journal VALUES (?, ?)"),
      note_(database, "UPDATE settings SET value = ? WHERE name = 'journal'"),
      remove_(database, "DELETE FROM journal WHERE number <= ?"),
      all_(database, "SELECT number, arrivals FROM journal ORDER BY number") {}

std::int64_t Journal::next() {
    if (next_ == 0) {
        next_ = 1 + query_number(database_, "SELECT value FROM settings WHERE name = 'journal'");
    }
    return next_;
}

void Journal::write(const std::vector<Arrival>& arrivals) {
    const auto text = pack_arrivals(arrivals);
    insert_.run(next(), Blob{text});
    note_.run(next());
    ++next_;
}

void Journal::remove(std::int64_t number) { remove_.run(number); }

void Journal::replay(Generation& into) {
    auto rows = all_.query();
    while (rows.next()) {
        std::vector<Arrival> arrivals;
        if (!unpack_arrivals(rows.text(1), arrivals)) {
            throw SqlError(SQLITE_CORRUPT,
                           "row " + std::to_string(rows.number(0)) + " of the journal is damaged");
        }
        into.add(rows.number(0), arrivals);
    }
}

}  // namespace belfry::sqlite
