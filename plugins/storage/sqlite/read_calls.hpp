/// The half of the storage that reads.
#pragma once

#include "plugins/storage/sqlite/condition.hpp"
#include "plugins/storage/sqlite/options.hpp"
#include "plugins/storage/sqlite/readers.hpp"
#include "plugins/storage/sqlite/writer.hpp"

#include <belfry/storage.hpp>

#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace belfry::sqlite {

/// Answers on the readers' threads.
class ReadCalls : public sdk::Storage {
public:
    ReadCalls(sdk::Env env, Options options) : Storage(env), options_(std::move(options)) {}

    void read(const bf_read& query, sdk::Done<sdk::Page> done) override;
    void heads(std::span<const bf_str> streams, sdk::Done<sdk::Heads> done) override;
    void streams(std::string_view after, std::uint64_t limit, sdk::Done<sdk::Heads> done) override;
    void cursors(std::string_view stream, sdk::Done<sdk::Cursors> done) override;
    void cursor(std::string_view stream, std::string_view device,
                sdk::Done<sdk::Cursors> done) override;
    void get(std::string_view collection, std::string_view id,
             sdk::Done<sdk::Document> done) override;
    void find(const bf_find& query, sdk::Done<sdk::Documents> done) override;
    void jobs(std::string_view queue, std::uint32_t state, std::string_view after,
              std::uint64_t limit, sdk::Done<sdk::Jobs> done) override;
    void stats(sdk::Done<sdk::StorageStats> done) override;

protected:
    [[nodiscard]] const Options& options() const { return options_; }

    /// Has failed the call, because nothing can be done with it.
    template <class Value>
    bool refused(sdk::Done<Value>& done) {
        if (!is_open_) {
            done.fail(sdk::Status::closed, options_.path + ": is not open");
            return true;
        }
        if (condition_->is_broken()) {
            done.fail(sdk::Status::unavailable,
                      options_.path + ": what is on the disk is not certain");
            return true;
        }
        return false;
    }

    /// Completes on a reader's thread.
    template <class Value, class Read>
    void answer(sdk::Done<Value> done, Read read) {
        if (refused(done)) {
            return;
        }
        auto waiting = std::make_shared<sdk::Done<Value>>(std::move(done));
        const bool accepted =
            readers_->run([this, waiting, read = std::move(read)](Reader& reader) {
                try {
                    waiting->ok(read(reader));
                } catch (const sdk::Failure& failure) {
                    waiting->fail(failure);
                } catch (const SqlError& error) {
                    if (error.is_damage()) {
                        condition_->report_damage(error.what());
                    }
                    waiting->fail(sdk::Status::unavailable, options_.path + ": " + error.what(),
                                  kRetryReadAfter);
                } catch (const std::exception& error) {
                    waiting->fail(sdk::Status::unavailable, options_.path + ": " + error.what(),
                                  kRetryReadAfter);
                }
            });
        if (!accepted) {
            waiting->fail(sdk::Status::unavailable, "too many reads wait", kRetryReadAfter);
        }
    }

    // There from the start to the stop.
    std::unique_ptr<Condition> condition_;
    std::unique_ptr<Writer> writer_;
    std::unique_ptr<Readers> readers_;
    std::atomic<bool> is_open_ = false;

private:
    static constexpr std::int64_t kRetryReadAfter = 1'000'000'000;

    const Options options_;
};

}  // namespace belfry::sqlite
