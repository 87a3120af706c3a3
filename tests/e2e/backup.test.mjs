/// A copy made under load is whole, and a daemon runs on it.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { Daemon } from './support/daemon.mjs';
import { run } from './support/process.mjs';
import { eventually } from './support/wait.mjs';

test('a backup under load', async () => {
    const daemon = await Daemon.started();
    const acknowledged = [];
    let isEnough = false;
    const load = (async () => {
        while (!isEnough) {
            const { places } = await daemon.publish({ to: ['user:alice'], title: `n${acknowledged.length}` });
            acknowledged.push(places[0].seq);
        }
    })();
    load.catch(() => {}); // awaited below
    await eventually(() => acknowledged.length >= 50, 'the load');
    const before = acknowledged.length;
    const args = ['--socket', daemon.control.socketPath, 'backup', 'copy.db'];
    const backup = await run(process.env.BELFRY, args);
    assert.equal(backup.exit.code, 0, backup.stderr);
    isEnough = true;
    await load;
    const again = await run(process.env.BELFRY, args);
    assert.notEqual(again.exit.code, 0);
    assert.match(again.stderr, /is there already/);

    const copy = new Daemon();
    mkdirSync(copy.state);
    assert.equal(backup.stdout.trim(), join(daemon.state, 'backups/copy.db'));
    copyFileSync(backup.stdout.trim(), join(copy.state, 'belfry.db'));
    await copy.start();
    const seqs = (await copy.mailbox('alice')).map((entry) => entry.seq);
    assert.ok(seqs.length >= before);
    assert.deepEqual(seqs, acknowledged.slice(0, seqs.length));
    await copy.publish({ to: ['user:alice'], title: 'on the copy' });
});
