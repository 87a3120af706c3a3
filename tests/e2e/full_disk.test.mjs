/// A disk that is full: nothing is accepted that is not stored, what is there can be read, and when there is room
/// again the daemon goes on by itself; nothing acknowledged is missing.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';

import { Daemon } from './support/daemon.mjs';
import { request } from './support/http.mjs';
import { Postgres } from './support/postgres.mjs';
import { SmallDisk } from './support/small_disk.mjs';
import { postgresProfile } from './support/storages.mjs';
import { eventually } from './support/wait.mjs';

/// Of which no database makes less.
const text = () => randomBytes(3000).toString('base64');

const readiness = async (daemon) => (await request(daemon.admin, 'GET', '/readyz')).status;

/// Publishes until it is refused; remembers what was acknowledged.
async function publishUntilRefused(daemon, acknowledged) {
    for (;;) {
        const title = `n${acknowledged.length}`;
        const body = { to: ['user:alice'], title, body: text() };
        const answer = await daemon.asAdmin('POST', '/v1/notifications', { body });
        if (answer.status !== 201) {
            assert.equal(answer.status, 503, answer.text);
            assert.ok(answer.headers['retry-after']);
            return;
        }
        acknowledged.push(`${answer.json.places[0].seq} ${title}`);
    }
}

async function publishAgain(daemon, acknowledged) {
    const title = `n${acknowledged.length}`;
    const body = { to: ['user:alice'], title, source: 'full-disk', event_id: title };
    await eventually(async () => {
        const answer = await daemon.asAdmin('POST', '/v1/notifications', { body });
        if (answer.status !== 200 && answer.status !== 201) {
            return false;
        }
        acknowledged.push(`${answer.json.places[0].seq} ${title}`);
        return true;
    }, 'a publication after there was room again');
}

async function mailbox(daemon) {
    return (await daemon.mailbox('alice')).map(({ seq, title }) => `${seq} ${title}`);
}

test('on SQLite', async (t) => {
    const daemon = new Daemon();
    const disk = new SmallDisk(t, daemon.state, '64m');
    await daemon.start();
    const client = await daemon.attach('alice');
    const acknowledged = [];
    await publishAgain(daemon, acknowledged);
    for (let round = 0; round < 3; ++round) {
        disk.fill(512 * 1024);
        await publishUntilRefused(daemon, acknowledged);
        await eventually(async () => (await readiness(daemon)) === 503, 'unreadiness');
        assert.deepEqual(await mailbox(daemon), acknowledged);
        disk.free();
        await publishAgain(daemon, acknowledged);
        await eventually(async () => (await readiness(daemon)) === 200, 'readiness');
    }
    await client.entriesUpTo(acknowledged.length);
    assert.equal(client.closed, null);

    disk.fill(512 * 1024);
    await publishUntilRefused(daemon, acknowledged);
    await daemon.kill();
    disk.free();
    await daemon.start();
    assert.deepEqual(await mailbox(daemon), acknowledged);
    await publishAgain(daemon, acknowledged);
    assert.deepEqual(await mailbox(daemon), acknowledged);
    console.log(`full disk on SQLite: ${acknowledged.length} acknowledged, all there`);
});

test('of PostgreSQL', async (t) => {
    const disk = new SmallDisk(t, Postgres.newFolder(), '256m');
    const server = await Postgres.started({ folder: disk.folder });
    const daemon = await Daemon.started(postgresProfile(server.address));
    const acknowledged = [];
    for (let round = 0; round < 3; ++round) {
        await publishAgain(daemon, acknowledged);
        disk.fill(2 << 20);
        await publishUntilRefused(daemon, acknowledged);
        disk.free();
        // A full disk of its log ends the server; what restarts it in production is systemd.
        await server.revive();
        await publishAgain(daemon, acknowledged);
        assert.deepEqual(await mailbox(daemon), acknowledged);
    }
    assert.equal(daemon.process.exit, null);
    console.log(`full disk of PostgreSQL: ${acknowledged.length} acknowledged, all there`);
});
