/// A deployment moves from SQLite to PostgreSQL and back, whole, as its users see it.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BELFRYD, Daemon } from './support/daemon.mjs';
import { Process, run } from './support/process.mjs';
import { sharedPostgres } from './support/postgres.mjs';
import { postgresProfile } from './support/storages.mjs';
import { eventually } from './support/wait.mjs';

const BELFRY = process.env.BELFRY;
const onPostgres = () => postgresProfile(sharedPostgres());

const migrate = (from, to) => run(BELFRY, ['migrate', '--from', from.file, '--to', to.file], { limit: 120_000 });

/// Mailboxes with what people do with them: read marks, acks of devices, users, duplicates.
async function populate(daemon) {
    for (let index = 0; index < 40; ++index) {
        await daemon.publish({
            to: index % 4 === 0 ? ['user:alice', 'user:bob', 'topic:news'] : ['user:alice'],
            title: `title ${index}`,
            data: { index, text: 'ß'.repeat(index) },
            source: 'shop',
            event_id: `event-${index}`,
        });
    }
    const body = { up_to: (await daemon.mailbox('alice'))[9].token };
    assert.equal((await daemon.asAdmin('POST', '/v1/users/alice/mailbox/read', { body })).status, 200);
    const user = { name: 'carol', password: 'correct horse battery' };
    assert.equal((await daemon.asAdmin('POST', '/v1/users', { body: user })).status, 201);
    const client = await daemon.attach('alice', { device: 'phone', since: 'earliest' });
    await client.entriesUpTo(client.messages[0].streams[0].head);
    const { token } = client.entries.at(29);
    client.send({ op: 'ack', stream: 'user:alice', token });
    await client.close();
    await eventually(async () => (await position(daemon)).token === token, 'the ack to be stored');
}

/// Where alice's phone is.
async function position(daemon) {
    const client = await daemon.attach('alice', { device: 'phone', since: 'unacked' });
    await client.close();
    return client.messages[0].streams[0];
}

/// All that people can see of it.
async function look(daemon) {
    const seen = {};
    for (const user of ['alice', 'bob']) {
        seen[user] = await daemon.mailbox(user);
        seen[`${user} unread`] = (await daemon.asAdmin('GET', `/v1/users/${user}/mailbox/unread`)).json;
    }
    seen.position = await position(daemon);
    return seen;
}

/// A copy goes on as the original would have.
async function goOn(daemon) {
    const repeated = await daemon.asAdmin('POST', '/v1/notifications', {
        body: { to: ['user:alice'], title: 'title 7', data: { index: 7, text: 'ß'.repeat(7) }, source: 'shop', event_id: 'event-7' },
    });
    assert.equal(repeated.status, 200);
    assert.equal(repeated.json.duplicate, true);
    const login = { name: 'carol', password: 'correct horse battery' };
    assert.equal((await daemon.api('POST', '/v1/login', { body: login })).status, 200);
}

test('from SQLite to PostgreSQL and back', async () => {
    const first = await Daemon.started();
    await populate(first);
    const original = await look(first);
    await first.stop();

    const second = new Daemon(onPostgres()).writeProfile();
    const there = await migrate(first, second);
    assert.equal(there.exit.code, 0, there.stderr);
    assert.match(there.stdout, /^entries +60 {2}SHA-256 [0-9a-f]{64}$/m);
    await second.start();
    assert.deepEqual(await look(second), original);
    await goOn(second);
    await second.publish({ to: ['user:alice'], title: 'one more' });
    const extended = await look(second);
    await second.stop();

    const third = new Daemon().writeProfile();
    const back = await migrate(second, third);
    assert.equal(back.exit.code, 0, back.stderr);
    await third.start();
    assert.deepEqual(await look(third), extended);
    await goOn(third);
});

test('a target that has something is refused, and so is a running daemon', async () => {
    const from = await Daemon.started();
    await from.publish({ to: ['user:alice'], title: 'here' });
    const to = new Daemon(onPostgres()).writeProfile();
    const running = await migrate(from, to);
    assert.notEqual(running.exit.code, 0);
    assert.match(running.stderr, /its daemon is running/);
    await from.stop();

    await to.start();
    await to.publish({ to: ['user:bob'], title: 'there' });
    await to.stop();
    const full = await migrate(from, to);
    assert.notEqual(full.exit.code, 0);
    assert.match(full.stderr, /it is not empty/);
});

test('a killed migration is continued, and its target is not used before', async () => {
    const from = await Daemon.started({ limits: { http: { body: '8MiB' } } });
    for (let round = 0; round < 60; ++round) {
        const many = Array.from({ length: 200 }, (_, index) => ({
            to: [`user:user${index}`], title: `${round}`, data: { round, index, text: 'x'.repeat(300) },
        }));
        await from.publishAll(many);
    }
    const original = await from.mailbox('user7');
    await from.stop();
    const to = new Daemon().writeProfile();

    const killed = new Process(BELFRYD, ['migrate', '--from', from.file, '--to', to.file]);
    await killed.until(() => killed.exit || /copying/.test(killed.stderr), 'the first records');
    killed.kill();
    assert.equal((await killed.ended()).exit.signal, 'SIGKILL');

    const early = await Daemon.run('--config', to.file);
    assert.equal(early.exit.code, 78);
    assert.match(early.stderr, /a migration into it has not ended/);

    const again = await migrate(from, to);
    assert.equal(again.exit.code, 0, again.stderr);
    assert.match(again.stderr, /going on behind [1-9]/);
    await to.start();
    assert.deepEqual(await to.mailbox('user7'), original);
});
