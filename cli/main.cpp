#include "cli/commands.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <cstdlib>
#include <functional>

namespace belfry::cli {
namespace {

/// What was asked for.
struct Request {
    Common common{.socket = "/run/belfry/belfry.sock"};
    SendOptions send;
    UserOptions user;
    TokenOptions token;
    MigrateOptions migrate;
    DeadLetterOptions dead_letters;
    ReplayOptions replay;
    std::string backup;
    TailOptions tail{.user = {}, .topic = {}, .since = "latest"};
    std::function<Outcome<>()> run;
};

void define_send(CLI::App& app, Request& request) {
    auto* command = app.add_subcommand("send", "Send a notification to a user");
    command->footer(
        "Examples:\n"
        "  belfry send --to alice --title Build 'all green'\n"
        "  tail -F /var/log/dpkg.log | belfry send --to ops -");
    command->add_option("--to", request.send.to, "User, or user:NAME, or topic:NAME")
        ->required()
        ->type_name("USER");
    command->add_option("--title", request.send.title, "Title")->type_name("T");
    command->add_option("--type", request.send.type, "Type, for clients to choose by")
        ->type_name("T");
    command
        ->add_option("TEXT", request.send.text,
                     "What to say; - sends every line of standard input as one notification")
        ->required();
    command->callback(
        [&request] { request.run = [&] { return send(request.common, request.send); }; });
}

void define_user(CLI::App& app, Request& request) {
    auto* users = app.add_subcommand("user", "Manage users");
    users->require_subcommand(1);
    auto* command = users->add_subcommand("add", "Create a user");
    command->footer("Without --password it is asked for, or read from standard input.");
    command->add_option("NAME", request.user.name, "Name of the user")->required();
    command->add_option("--password", request.user.password,
                        "Password; others can see it in the list of processes");
    command->add_option("--role", request.user.roles, "Role, for example producer or admin")
        ->type_name("R");
    command->callback(
        [&request] { request.run = [&] { return add_user(request.common, request.user); }; });
}

void define_token(CLI::App& app, Request& request) {
    auto* command = app.add_subcommand("token", "Make a token for a user and print it");
    command->footer(
        "Example:\n  curl -H \"Authorization: Bearer $(belfry token --user alice)\" ...");
    command->add_option("--user", request.token.user, "User the token is for")
        ->required()
        ->type_name("U");
    command->add_option("--role", request.token.roles, "Role, for example producer or admin")
        ->type_name("R");
    command->add_option("--lifetime", request.token.lifetime, "Such as 12h or 30d [24h]")
        ->type_name("TIME");
    command->callback(
        [&request] { request.run = [&] { return make_token(request.common, request.token); }; });
}

void define_tail(CLI::App& app, Request& request) {
    auto* command = app.add_subcommand("tail", "Show notifications as they come, until Ctrl-C");
    command->footer(
        "Examples:\n"
        "  belfry tail --user alice\n"
        "  belfry --json tail --topic news --since earliest");
    command->add_option("--user", request.tail.user, "Whose mailbox")->type_name("USER");
    command->add_option("--topic", request.tail.topic, "A topic instead")->type_name("TOPIC");
    command
        ->add_option("--since", request.tail.since,
                     "A token: what came after it; or earliest, or latest")
        ->type_name("TOKEN")
        ->capture_default_str();
    command->callback(
        [&request] { request.run = [&] { return tail(request.common, request.tail); }; });
}

void define_backup(CLI::App& app, Request& request) {
    auto* command = app.add_subcommand(
        "backup", "Write a consistent copy of everything stored, while the daemon runs");
    command->footer(
        "The copy goes to the folder backups of the daemon's state; its path is printed.");
    command->add_option("NAME", request.backup, "Name of the file; by the time if not given");
    command->callback(
        [&request] { request.run = [&] { return back_up(request.common, request.backup); }; });
}

void define_sources(CLI::App& app, Request& request) {
    app.add_subcommand("sources", "Show what is consumed from brokers, and how it goes")
        ->callback([&request] { request.run = [&] { return list_sources(request.common); }; });
    auto* dead = app.add_subcommand("dead-letters",
                                    "Show messages that could not be taken, the oldest first");
    dead->add_option("SOURCE", request.dead_letters.source, "One of the profile's sources")
        ->required();
    dead->add_option("--limit", request.dead_letters.limit, "How many at most")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    dead->add_flag("--body", request.dead_letters.with_body, "With the bodies");
    dead->callback([&request] {
        request.run = [&] { return list_dead_letters(request.common, request.dead_letters); };
    });
    auto* command =
        app.add_subcommand("replay", "Send dead letters back to where they were consumed from");
    command->footer("Messages that die again meanwhile are left alone.");
    command->add_option("SOURCE", request.replay.source, "One of the profile's sources")
        ->required();
    command->add_option("--limit", request.replay.limit, "How many at most, the oldest first [all]")
        ->check(CLI::PositiveNumber);
    command->callback(
        [&request] { request.run = [&] { return replay(request.common, request.replay); }; });
}

void define_migrate(CLI::App& app, Request& request) {
    auto* command = app.add_subcommand(
        "migrate", "Copy everything from one profile's storage into another's, while stopped");
    command->footer(
        "Counts and hashes of both are compared at the end. What was interrupted is continued by\n"
        "running it again; until it has ended, no daemon starts on the target.\n"
        "Example:\n  belfry migrate --from /etc/belfry/belfry.yaml --to postgresql.yaml");
    command->add_option("--from", request.migrate.from, "Profile whose storage has the deployment")
        ->required()
        ->type_name("FILE");
    command->add_option("--to", request.migrate.to, "Profile whose storage is empty")
        ->required()
        ->type_name("FILE");
    command->callback([&request] { request.run = [&] { return migrate(request.migrate); }; });
}

void define(CLI::App& app, Request& request) {
    app.require_subcommand(1);
    app.set_version_flag("--version", "belfry " BELFRY_VERSION);
    app.add_option("--socket", request.common.socket, "Control socket of the daemon")
        ->envname("BELFRY_SOCKET")
        ->type_name("PATH")
        ->capture_default_str();
    app.add_flag("--json", request.common.is_json, "Print JSON, one value a line");
    app.fallthrough();
    define_send(app, request);
    define_user(app, request);
    define_token(app, request);
    define_tail(app, request);
    define_backup(app, request);
    define_sources(app, request);
    define_migrate(app, request);
    app.add_subcommand("status", "Tell whether the daemon is ready, check by check")
        ->callback([&request] { request.run = [&] { return show_status(request.common); }; });
}

int run(int argc, char** argv) {
    CLI::App app("Talks to the Belfry notification daemon on this machine.", "belfry");
    Request request;
    define(app, request);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? EXIT_SUCCESS : EX_USAGE;
    }
    const auto done = request.run();
    if (!done) {
        std::fprintf(stderr, "belfry: %s\n", done.error().message.c_str());
        return done.error().exit_code;
    }
    return EXIT_SUCCESS;
}

}  // namespace
}  // namespace belfry::cli

int main(int argc, char** argv) {
    try {
        return belfry::cli::run(argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "belfry: %s\n", error.what());
        return EX_SOFTWARE;
    }
}
