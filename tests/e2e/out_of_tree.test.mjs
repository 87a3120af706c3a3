/// A plugin of somebody else, built with another compiler against the installed SDK.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';

import { Daemon, PLUGIN_DIR, expectStatus } from './support/daemon.mjs';

const plugin = process.env.OUT_OF_TREE_PLUGIN;
assert.ok(plugin, 'environment variable OUT_OF_TREE_PLUGIN is not set; ctest -L e2e sets it');

async function greeting(config) {
    const daemon = new Daemon({ apps: { greeter: { plugin: 'hello', ...(config && { config }) } } });
    const folder = join(daemon.folder, 'plugins');
    mkdirSync(folder, { mode: 0o755 });
    copyFileSync(plugin, join(folder, basename(plugin)));
    daemon.profile.plugins.directories = [folder, PLUGIN_DIR];
    return daemon;
}

test('the plugin answers HTTP and publishes', async () => {
    const daemon = await greeting({ greeting: 'Ahoy' });
    await daemon.start();
    const token = await daemon.token('alice');
    const got = await daemon.api('GET', '/hello/alice', { token });
    assert.deepEqual(expectStatus(got, 200).json, { message: 'Ahoy, alice' });

    const client = await daemon.attach('alice', { token });
    const posted = await daemon.api('POST', '/hello/alice', { token });
    const [place] = expectStatus(posted, 202).json.places;
    const entry = await client.expect('entry');
    assert.equal(entry.title, 'Ahoy, alice');
    assert.equal(entry.token, place.token);
    assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
});

test('its configuration has its defaults, and its schema is heeded', async () => {
    const daemon = await greeting();
    await daemon.start();
    const token = await daemon.token('bob');
    const got = await daemon.api('GET', '/hello/bob', { token });
    assert.deepEqual(expectStatus(got, 200).json, { message: 'Hello, bob' });
    await daemon.stop();

    const wrong = await greeting({ greetng: 'Ahoy' });
    const { exit, stderr } = await wrong.spawn().ended();
    assert.equal(exit.code, 78);
    assert.match(stderr, /greetng.*did you mean.*greeting/);
});
