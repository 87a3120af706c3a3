/// A message is: "BFB", version, sender, notifications, runs, and a checksum of all before it. It
/// is the same bytes on every machine.
#include "daemon/live/bus_message.hpp"

#include "daemon/base/utf8.hpp"
#include "daemon/live/bus_bytes.hpp"
#include "daemon/mailbox/names.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

namespace belfry::live {
namespace {

constexpr std::string_view kMagic = "BFB";
constexpr char kVersion = 1;
constexpr std::size_t kHeadSize = kMagic.size() + 1;
constexpr std::size_t kSumSize = 8;
constexpr std::size_t kLongestNode = 255;
constexpr std::uint64_t kMostPartitions = 65'536;

std::uint64_t to_unsigned(std::int64_t number) { return static_cast<std::uint64_t>(number); }
Nanos to_time(std::uint64_t number) { return static_cast<Nanos>(number); }

std::string sum_of(std::string_view bytes) {
    std::string sum;
    for (std::uint64_t hash = fnv(bytes); sum.size() < kSumSize; hash >>= 8U) {
        sum += static_cast<char>(hash);
    }
    return sum;
}

std::size_t size_of(const Notification& from) {
    return from.id.size() + from.type.size() + from.title.size() + from.body.size() +
           from.data.size() + from.data_type.size() + from.collapse_key.size() +
           from.source.size() + from.event_id.size() + from.trace.size();
}

std::string print(const Notification& from) {
    std::string out;
    put_number(out, static_cast<std::uint32_t>(from.priority));
    put_number(out, to_unsigned(from.created_at));
    put_number(out, to_unsigned(from.expires_at));
    put_number(out, from.revision);
    for (const std::string* text :
         {&from.id, &from.type, &from.title, &from.body, &from.data_type, &from.collapse_key,
          &from.source, &from.event_id, &from.trace, &from.data}) {
        put_text(out, *text);
    }
    return out;
}

/// Null for what `print` has not written, or what no storage would have taken.
NotificationPtr parse_notification(std::string_view bytes) {
    BusReader reader(bytes);
    auto made = std::make_shared<Notification>();
    made->priority = static_cast<std::int32_t>(static_cast<std::uint32_t>(reader.number()));
    made->created_at = to_time(reader.number());
    made->expires_at = to_time(reader.number());
    made->revision = reader.number();
    bool is_text = true;
    for (std::string* text : {&made->id, &made->type, &made->title, &made->body, &made->data_type,
                              &made->collapse_key, &made->source, &made->event_id, &made->trace}) {
        *text = reader.text();
        is_text = is_text && is_utf8(*text) && !text->contains('\0');
    }
    made->data = reader.text();
    return reader.is_at_end() && is_text && !made->id.empty() ? made : nullptr;
}

class Parser {
public:
    Parser(std::string_view bytes, const Wanted& wanted, std::uint64_t own)
        : reader_(bytes), wanted_(wanted), own_(own) {}

    Result<BusMessage> run() {
        take_sender();
        if (reader_.is_sound() && out_.sender.run == own_) {
            return std::move(out_);
        }
        bodies_.resize(reader_.count(1));
        for (Body& body : bodies_) {
            body.bytes = reader_.text();
        }
        for (auto left = reader_.count(5); left > 0 && reader_.is_sound(); --left) {
            take_run();
        }
        if (!reader_.is_at_end()) {
            return belfry::fail(Code::invalid, "a message that is not well-formed");
        }
        return std::move(out_);
    }

private:
    struct Body {
        std::string_view bytes;
        NotificationPtr made;
    };
    struct Run {
        std::string_view stream;
        std::uint64_t epoch = 0, first = 0, count = 0;
        bool is_inline = false;
    };

    void take_sender() {
        BusSender& sender = out_.sender;
        sender.node = reader_.text();
        sender.run = reader_.number();
        sender.number = reader_.number();
        sender.sent_at = to_time(reader_.number());
        const std::uint64_t partitions = reader_.number();
        if (sender.node.size() > kLongestNode || !is_utf8(sender.node) || partitions == 0 ||
            partitions > kMostPartitions) {
            reader_.fail();
            return;
        }
        sender.partitions = static_cast<std::uint32_t>(partitions);
    }

    void take_run() {
        const Run run{reader_.text(), reader_.number(), reader_.number(), reader_.number(),
                      reader_.number() != 0};
        const bool is_possible =
            run.epoch > 0 && run.first > 0 && run.count > 0 &&
            run.count - 1 <= std::numeric_limits<std::uint64_t>::max() - 1 - run.first;
        if (!is_possible || !check_stream(run.stream)) {
            reader_.fail();
            return;
        }
        const bool is_wanted = wanted_(run.stream);
        out_.unwanted += is_wanted ? 0 : 1;
        if (run.is_inline) {
            take_entries(run, is_wanted);
        } else if (is_wanted) {
            out_.heard.heads.push_back(
                {true, run.epoch, 1, run.first + run.count - 1, 0, std::string(run.stream)});
        }
    }

    void take_entries(const Run& run, bool is_wanted) {
        for (std::uint64_t i = 0; i < run.count && reader_.is_sound(); ++i) {
            const std::uint64_t kind = reader_.number();
            const auto state = static_cast<std::uint32_t>(reader_.number());
            const Nanos read_at = to_time(reader_.number());
            const std::uint64_t body = reader_.number();
            if (kind > BF_ENTRY_RETRACTION || body >= bodies_.size()) {
                reader_.fail();
            } else if (is_wanted) {
                add_place(run, {static_cast<EntryKind>(kind), state, run.first + i, read_at,
                                notification(bodies_[body])});
            }
        }
    }

    void add_place(const Run& run, Entry entry) {
        if (entry.notification == nullptr) {
            reader_.fail();
            return;
        }
        out_.heard.places.push_back({std::string(run.stream), run.epoch, std::move(entry)});
    }

    static NotificationPtr notification(Body& body) {
        if (body.made == nullptr) {
            body.made = parse_notification(body.bytes);
        }
        return body.made;
    }

    BusReader reader_;
    const Wanted& wanted_;
    const std::uint64_t own_;
    std::vector<Body> bodies_;
    BusMessage out_;
};

}  // namespace

void BusWriter::add(std::span<const Place* const> run, std::size_t most) {
    std::size_t bytes = 0;
    for (const Place* place : run) {
        bytes += size_of(*place->entry.notification);
    }
    const bool is_inline = bytes <= most;
    put_text(runs_, run.front()->stream);
    put_number(runs_, run.front()->epoch);
    put_number(runs_, run.front()->entry.seq);
    put_number(runs_, run.size());
    put_number(runs_, is_inline ? 1 : 0);
    ++run_count_;
    if (!is_inline) {
        return;
    }
    for (const Place* place : run) {
        const Entry& entry = place->entry;
        const auto [known, is_new] = known_.emplace(entry.notification.get(), known_.size());
        if (is_new) {
            put_text(bodies_, print(*entry.notification));
        }
        put_number(runs_, static_cast<std::uint32_t>(entry.kind));
        put_number(runs_, entry.state);
        put_number(runs_, to_unsigned(entry.read_at));
        put_number(runs_, known->second);
    }
}

std::string BusWriter::finish(const BusSender& sender) const {
    std::string out(kMagic);
    out += kVersion;
    put_text(out, sender.node);
    put_number(out, sender.run);
    put_number(out, sender.number);
    put_number(out, to_unsigned(sender.sent_at));
    put_number(out, sender.partitions);
    put_number(out, known_.size());
    out += bodies_;
    put_number(out, run_count_);
    out += runs_;
    return out + sum_of(out);
}

Result<BusMessage> read_bus_message(ByteView bytes, const Wanted& wanted, std::uint64_t own) {
    std::string_view text = text_of(bytes);
    if (text.size() < kHeadSize + kSumSize || !text.starts_with(kMagic)) {
        return fail(Code::invalid, "no message of the bus");
    }
    if (text[kMagic.size()] != kVersion) {
        return fail(Code::refused, "a message of another version");
    }
    const std::string_view sum = text.substr(text.size() - kSumSize);
    text.remove_suffix(kSumSize);
    if (sum != sum_of(text)) {
        return fail(Code::invalid, "a message with a wrong checksum");
    }
    return Parser(text.substr(kHeadSize), wanted, own).run();
}

std::uint32_t partition_of(std::string_view stream, std::uint32_t partitions) {
    return static_cast<std::uint32_t>(fnv(stream) % partitions);
}

}  // namespace belfry::live
