/// Starts that succeed, degrade or fail, and what is said about it.
import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';

import { Daemon, PLUGIN_DIR, expectStatus } from './support/daemon.mjs';
import { request } from './support/http.mjs';

/// Starts what must not start: its exit code, and the one line that is an error.
async function refused(daemon) {
    const { exit, stderr } = await daemon.spawn().ended();
    const errors = stderr.split('\n').filter((line) => line !== '' && !/ info: /.test(line));
    assert.equal(errors.length, 1, stderr);
    return { code: exit.code, line: errors[0] };
}

async function check(text, ...more) {
    const daemon = new Daemon();
    writeFileSync(daemon.file, text);
    const done = await Daemon.run('check', daemon.file, ...more);
    return { ...done, code: done.exit.code, stderr: done.stderr.replaceAll(daemon.file, 'FILE') };
}

test('check accepts the built-in default and says ok', async () => {
    const { stdout } = await Daemon.run('default');
    const done = await check(stdout);
    assert.equal(done.code, 0, done.stderr);
    assert.match(done.stdout, /ok\n$/);
});

for (const [name, text, expected] of [
    ['an unknown key', 'listners: []\n', /^FILE:1:1: .*did you mean "listeners"\?\n$/],
    ['a wrong value', 'log:\n  level: loud\n', /^FILE:2:10: log\.level: .*debug, info.*\n$/],
    ['a duplicate key', 'node: a\nnode: b\n', /^FILE:2:1: .*"node" again.*\n$/],
    ['a syntax error', 'log: {level: [\n', /^FILE:\d+:\d+: /],
    ['an alias', 'log: &a {level: info}\nlimits: *a\n', /^FILE:1:6: .*anchor.*\nFILE:2:9: .*alias.*\n$/],
    ['a variable that is not set', 'node: ${BELFRY_NOT_SET}\n', /^FILE:1:\d+: .*BELFRY_NOT_SET/],
    ['a section of a plugin', 'storage:\n  plugin: sqlite\n  config: {synchronous: off}\n',
        /^FILE:3:\d+: .*synchronous.*full, normal/],
    ['an unknown key of a plugin', 'storage:\n  plugin: sqlite\n  config:\n    pth: x\n',
        /^FILE:4:5: .*did you mean "path"/],
    ['a plugin that is not there', 'brokers:\n  main:\n    plugin: nowhere\n',
        /^FILE:\d+:\d+: .*main: plugin nowhere not found; tried .*nowhere\.so\n$/],
    ['a plugin of another kind', 'brokers:\n  main:\n    plugin: websocket\n',
        /^FILE:\d+:\d+: .*main: .*transport.*broker|^FILE:\d+:\d+: .*main: .*broker.*transport/],
]) {
    test(`check refuses ${name} with file, line and column`, async () => {
        const done = await check(text);
        assert.equal(done.code, 78, done.stderr);
        assert.match(done.stderr, expected);
    });
}

test('check tells all problems at once', async () => {
    const done = await check('listners: []\nlog: {level: loud}\nlimits: {http: {body: many}}\n');
    assert.equal(done.code, 78);
    assert.match(done.stderr, /^FILE:1:1: .*\nFILE:2:14: .*\nFILE:3:23: .*\n$/);
});

for (const path of ['/nonexistent.yaml', '/']) {
    test(`check of ${path} is exit code 78 with one line`, async () => {
        const done = await Daemon.run('check', path);
        assert.equal(done.exit.code, 78, done.stderr);
        assert.match(done.stderr, new RegExp(`^${path}: cannot be read.*\n$`));
    });
}

test('plugins lists name, version, kind, ABI and state', async () => {
    const { exit, stdout } = await Daemon.run('plugins');
    assert.equal(exit.code, 0);
    for (const [name, kind] of [['sqlite', 'storage'], ['websocket', 'transport'], ['memory', 'broker']]) {
        assert.match(stdout, new RegExp(`^${name} +\\d+\\.\\d+\\.\\d+ +${kind} +1\\.\\d+ +\\w+ +/.*${name}\\.so$`, 'm'));
    }
});

test('plugins tells why a file is no plugin', async () => {
    const daemon = new Daemon();
    const folder = join(daemon.folder, 'plugins');
    mkdirSync(folder);
    for (const name of ['sqlite', 'websocket']) {
        copyFileSync(join(PLUGIN_DIR, `${name}.so`), join(folder, `${name}.so`));
    }
    writeFileSync(join(folder, 'broken.so'), 'not a plugin');
    chmodSync(join(folder, 'broken.so'), 0o644);
    daemon.profile.plugins.directories = [folder];
    writeFileSync(daemon.file, JSON.stringify(daemon.profile));
    const { stdout } = await Daemon.run('plugins', '--config', daemon.file);
    assert.match(stdout, /^broken .*failed .*broken\.so.*ELF/m);
});

test('a required plugin that is missing is exit code 78 and one clear line', async () => {
    const daemon = new Daemon({ brokers: { main: { plugin: 'nowhere' } } });
    const { code, line } = await refused(daemon);
    assert.equal(code, 78);
    assert.match(line, /instance main: plugin nowhere not found; tried .*nowhere\.so/);
});

test('an optional one leaves the daemon running and degraded', async () => {
    const daemon = await Daemon.started({ brokers: { extra: { plugin: 'nowhere', required: false } } });
    const ready = await request(daemon.admin, 'GET', '/readyz?verbose');
    expectStatus(ready, 200);
    assert.match(ready.text, /^\[.\]plugin extra .*failed.*nowhere not found/m);
    assert.match(ready.text, /^\[\+\]storage ok$/m);
    await daemon.publish({ to: 'user:a', title: 'works' });
});

test('a port in use is told with the address', async () => {
    const taken = createServer();
    await new Promise((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const address = `127.0.0.1:${taken.address().port}`;
    try {
        const daemon = new Daemon({ listeners: [{ name: 'public', address }] });
        const { code, line } = await refused(daemon);
        assert.notEqual(code, 0);
        assert.match(line, new RegExp(`listener public: .*${address}.*in use`));
    } finally {
        taken.close();
    }
});

test('a second daemon on the same state is refused, and the first goes on', async () => {
    const first = await Daemon.started();
    const second = new Daemon({ state: first.state });
    const { code, line } = await refused(second);
    assert.notEqual(code, 0);
    assert.match(line, /error: start failed.*(in use|locked|another)/);
    await first.publish({ to: 'user:a', title: 'still here' });
});

test('a second daemon does not take over the control socket', async () => {
    const first = await Daemon.started();
    const second = new Daemon({ control: { socket: first.control.socketPath } });
    const { code, line } = await refused(second);
    assert.notEqual(code, 0);
    assert.match(line, /control socket: .*belfry\.sock/);
    await first.publish({ to: 'user:a', title: 'still here' });
});

test('a control socket that a crash left behind is no obstacle', async () => {
    const daemon = await Daemon.started();
    await daemon.kill();
    await daemon.start();
    await daemon.publish({ to: 'user:a', title: 'back' });
});
