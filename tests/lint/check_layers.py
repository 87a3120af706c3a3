#!/usr/bin/env python3
"""Who may include whom.

daemon/: each folder sees those before it in LAYERS, and of the SDK only the C header. A plugin sees the
SDK and itself. The SDK sees itself.
"""

import sys

from sources import INCLUDE, line_of, report, sources

LAYERS = ["base", "config", "plugin", "net", "mailbox", "identity", "live", "outbox", "flow", "ops", "migrate"]
CLI_SEES = {"daemon/base"}


def layer_of(path):
    """The folder that the rules speak of: daemon/net, plugins/storage/sqlite, sdk, cli, tests."""
    parts = path.split("/")[:-1]
    depth = {"daemon": 2, "plugins": 3}.get(parts[0] if parts else "", 1)
    return "/".join(parts[:depth])


def visible_daemon_folders(layer):
    if layer == "daemon":
        return {"daemon"} | {f"daemon/{name}" for name in LAYERS}
    own = layer.removeprefix("daemon/")
    if own not in LAYERS:
        return None
    return {f"daemon/{name}" for name in LAYERS[: LAYERS.index(own) + 1]}


def objection(layer, bracket, target):
    """Why a file of `layer` may not include `target`; empty if it may."""
    part = layer.split("/")[0]
    if target.startswith("belfry/"):
        if part == "daemon" and target != "belfry/abi.h":
            return "the daemon sees only <belfry/abi.h> of the SDK"
        if part == "plugins" and target.startswith("belfry/testkit/"):
            return "the testkit is for tests"
        return ""
    if bracket == "<" or "/" not in target:
        return ""
    seen = layer_of(target)
    if part == "daemon":
        visible = visible_daemon_folders(layer)
        if visible is None:
            return f"{layer} has no place in LAYERS of tests/lint/check_layers.py"
        return "" if seen in visible else f"{layer} may not see {seen}"
    if part == "plugins":
        return "" if seen == layer else "a plugin sees the SDK and itself"
    if part == "cli":
        return "" if seen == "cli" or seen in CLI_SEES else f"the CLI may not see {seen}"
    if part == "sdk":
        return "" if seen in {"sdk", "abi"} else "the SDK sees only itself"
    return ""


def main():
    problems = []
    for path, text in sources():
        for include in INCLUDE.finditer(text):
            reason = objection(layer_of(path), *include.groups())
            if reason:
                problems.append(f"{path}:{line_of(text, include.start())}: {include[2]}: {reason}")
    return report(problems)


if __name__ == "__main__":
    sys.exit(main())
