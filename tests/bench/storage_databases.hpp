/// The databases that the storage benches use.
#pragma once

#include "tests/bench/figure.hpp"
#include "tests/bench/machine.hpp"
#include "tests/bench/storage_limit.hpp"
#include "tests/bench/storage_subject.hpp"

#include <functional>
#include <memory>
#include <string>

namespace belfry::bench {

/// One of them, with nothing in it yet. Its server and all that was written end with this.
class Database {
public:
    Database() = default;
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    virtual ~Database() = default;

    [[nodiscard]] virtual std::string name() const = 0;
    /// Version and settings, for a figure's conditions.
    [[nodiscard]] virtual std::string describe() const = 0;
    /// The storage of that name, one among others; made where it is not there.
    virtual Result<std::unique_ptr<Subject>> open_storage(const std::string& name) = 0;
    /// Of one that is stopped.
    virtual Result<> remove_storage(const std::string& name) = 0;
    virtual Result<std::unique_ptr<Limit>> make_limit() = 0;
};

/// Files in a folder of their own on a real disk.
Result<std::unique_ptr<Database>> make_sqlite(const Machine& machine);
/// A server in such a folder, as Debian 12 installs it; `not_found` where PostgreSQL is not
/// installed.
Result<std::unique_ptr<Database>> make_postgresql(const Machine& machine);

/// Opens the storage, uses it and stops it: what it put off is done then and not while something
/// else is measured.
Result<> with_storage(Database& database, const std::string& name,
                      const std::function<Result<>(Subject&)>& use);

/// Measures one after the other, those that can be had; of any other it is said loudly that it is
/// not measured. All of it may use both of the machine's cores.
Result<Figures> for_each_database(const Machine& machine,
                                  const std::function<Result<Figures>(Database&)>& measure);

}  // namespace belfry::bench
