/// The threads that read.
#pragma once

#include "plugins/storage/postgresql/reader.hpp"
#include "plugins/storage/postgresql/reconnect.hpp"

#include <belfry/host.hpp>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace belfry::postgresql {

/// One read that somebody waits for. One thread.
class ReadTask {
public:
    ReadTask() = default;
    ReadTask(const ReadTask&) = delete;
    ReadTask& operator=(const ReadTask&) = delete;
    virtual ~ReadTask() = default;

    /// Completes, unless it throws SqlError because the connection is lost: then nothing was done,
    /// and it may be run again.
    virtual void run(Reader& reader) = 0;
    virtual void fail(const sdk::Failure& failure) = 0;
};

/// Each thread has a connection of its own. One that is lost is made again at once, and the read is
/// repeated; while the server cannot be reached, each thread tries with growing delays, and where
/// all do, reads fail with `unavailable`. Calls from any thread.
class Readers {
public:
    /// Connects; the schema is there. Throws SqlError.
    Readers(const Options& options, sdk::Env env);
    /// What was accepted is answered first. Where the server is silent, after ten seconds the
    /// connections are cut.
    ~Readers();
    Readers(const Readers&) = delete;
    Readers& operator=(const Readers&) = delete;

    /// Completes `done` with what read(Reader&) gives, or with what it throws.
    template <class Value, class Read>
    void answer(sdk::Done<Value> done, Read read) {
        push(std::make_unique<Task<Value, Read>>(std::move(done), std::move(read), place_));
    }

private:
    template <class Value, class Read>
    class Task;

    /// Of one thread.
    struct Seat {
        std::unique_ptr<Reader> reader;  ///< none while there is no connection
        std::thread thread;
    };

    void push(std::unique_ptr<ReadTask> task);
    std::optional<sdk::Failure> admit(std::unique_ptr<ReadTask>& task);
    std::unique_ptr<ReadTask> take();
    void run(Seat& seat);
    /// -> why the connection is lost.
    std::optional<sdk::Failure> serve(Seat& seat, ReadTask& task);
    /// False: it is the end.
    bool connect_again(Seat& seat);
    void sit(Seat& seat, std::unique_ptr<Reader> reader);
    void leave(Seat& seat, const sdk::Failure& failure);
    void join();

    const Options options_;
    const std::string place_;
    sdk::Env env_;
    sdk::Metric waiting_;
    std::mutex mutex_;                  ///< of all below
    std::condition_variable changed_;   ///< of the queue
    std::condition_variable stopping_;  ///< for those that pause
    std::condition_variable ended_;
    std::deque<std::unique_ptr<ReadTask>> queue_;
    std::vector<Seat> seats_;
    std::size_t connected_ = 0;
    std::size_t running_ = 0;
    bool is_stopping_ = false;
    bool is_cut_ = false;  ///< stopping, and nothing more is waited for
};

template <class Value, class Read>
class Readers::Task : public ReadTask {
public:
    Task(sdk::Done<Value> done, Read read, const std::string& place)
        : done_(std::move(done)), read_(std::move(read)), place_(place) {}

    void run(Reader& reader) override {
        try {
            if constexpr (std::is_void_v<decltype(read_(reader))>) {
                read_(reader);
                done_.ok();
            } else {
                done_.ok(read_(reader));
            }
        } catch (const sdk::Failure& failure) {
            done_.fail(failure);
        } catch (const SqlError& error) {
            if (error.lost) {
                throw;
            }
            done_.fail(trouble_of(error, place_).failure());
        } catch (const std::exception& error) {
            done_.fail(trouble_of(error, place_).failure());
        }
    }
    void fail(const sdk::Failure& failure) override { done_.fail(failure); }

private:
    sdk::Done<Value> done_;
    Read read_;
    const std::string& place_;
};

}  // namespace belfry::postgresql
