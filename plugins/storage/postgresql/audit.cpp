#include "plugins/storage/postgresql/audit.hpp"

namespace belfry::postgresql {

Durability audit(Session& session) {
    const auto rows = session.exec(
        "SELECT current_setting('fsync'), current_setting('full_page_writes'),"
        " current_setting('synchronous_commit')");
    const std::string fsync(text_at(rows[0][0]));
    const std::string pages(text_at(rows[0][1]));
    const std::string commit(text_at(rows[0][2]));
    // `local` and above wait for this server's disk.
    return {fsync == "on" && pages == "on" && commit != "off",
            "fsync=" + fsync + ", full_page_writes=" + pages + ", synchronous_commit=" + commit};
}

}  // namespace belfry::postgresql
