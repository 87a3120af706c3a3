/// Resume: every entry once, in order, or a reason why not.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { Client } from './support/client.mjs';
import { Daemon } from './support/daemon.mjs';
import { eventually } from './support/wait.mjs';

let daemon;
before(async () => (daemon = await Daemon.started()));

const titles = (entries) => entries.map((entry) => entry.title);
const numbers = (count, from = 0) => Array.from({ length: count }, (_, index) => String(from + index));
const send = (user, names) =>
    daemon.publishAll(names.map((title) => ({ to: `user:${user}`, title })));

async function resumed(user, since, options = {}) {
    const token = await daemon.token(user);
    const client = new Client(daemon.public, { token, since, ...options });
    const [position] = (await client.hello()).streams;
    return { client, position };
}

test('a client that has received nothing resumes with the token of its hello', async () => {
    const first = await resumed('zero');
    await first.client.close();
    await send('zero', ['while away']);
    const second = await resumed('zero', first.position.token);
    assert.equal(second.position.recovered, true);
    assert.deepEqual(titles(await second.client.entriesUpTo(1)), ['while away']);
});

test('so does one whose mailbox had entries before', async () => {
    await send('late', ['old']);
    const first = await resumed('late');
    await first.client.close();
    await send('late', ['new']);
    const { client, position } = await resumed('late', first.position.token);
    assert.equal(position.recovered, true);
    assert.deepEqual(titles(await client.entriesUpTo(1)), ['new']);
});

test('two resumes in a row without traffic lose and repeat nothing', async () => {
    await send('quiet', ['a']);
    let { client, position } = await resumed('quiet', 'earliest');
    const last = (await client.entriesUpTo(1))[0].token;
    for (let round = 0; round < 2; ++round) {
        await client.close();
        ({ client, position } = await resumed('quiet', last));
        assert.equal(position.recovered, true);
        assert.equal(position.token, last);
    }
    await send('quiet', ['b']);
    assert.deepEqual(titles(await client.entriesUpTo(1)), ['b']);
});

test('since=earliest gives everything, since=latest nothing old', async () => {
    await send('both', numbers(120));
    const all = await resumed('both', 'earliest');
    assert.deepEqual(titles(await all.client.entriesUpTo(120)), numbers(120));
    const latest = await resumed('both', 'latest');
    await send('both', ['fresh']);
    assert.deepEqual(titles(await latest.client.entriesUpTo(1)), ['fresh']);
    assert.deepEqual(titles(await all.client.entriesUpTo(121)), [...numbers(120), 'fresh']);
});

test('a token beyond the end is answered with "ahead"', async () => {
    const [{ places }] = await send('ahead', ['a']);
    const [epoch] = places[0].token.split('.');
    const { client, position } = await resumed('ahead', `${epoch}.zz`);
    assert.equal(position.recovered, false);
    assert.equal(position.reason, 'ahead');
    assert.equal(position.token, places[0].token);
    await send('ahead', ['b']);
    assert.deepEqual(titles(await client.entriesUpTo(1)), ['b']);
});

test('a token of another epoch is answered with "epoch_changed"', async () => {
    const [{ places }] = await send('epoch', ['a']);
    const [epoch, seq] = places[0].token.split('.');
    const other = (epoch[0] === '1' ? '2' : '1') + epoch.slice(1);
    const { position } = await resumed('epoch', `${other}.${seq}`);
    assert.equal(position.recovered, false);
    assert.equal(position.reason, 'epoch_changed');
});

for (const garbage of ['nonsense', '1', '.', 'x.', '-1.2', 'il.ou', '1.00', '1'.repeat(5000)]) {
    test(`the token ${garbage.slice(0, 12)} is refused with a reason`, async () => {
        const token = await daemon.token('garbage');
        const client = new Client(daemon.public, { token, since: garbage });
        const refusal = await client.refusal();
        assert.ok(refusal, `the connection was opened: ${JSON.stringify(client.messages)}`);
        assert.equal(refusal.status, 422);
        assert.match(refusal.text, /since: expected a token/);
    });
}

test('100 notifications published during a replay arrive once and in order', async () => {
    await send('busy', numbers(2000, 0).slice(0, 1000));
    await send('busy', numbers(2000, 0).slice(1000));
    const token = await daemon.token('busy');
    const client = new Client(daemon.public, { token, since: 'earliest' });
    const published = (async () => {
        for (const title of numbers(100, 2000)) {
            await daemon.publish({ to: 'user:busy', title });
        }
    })();
    await client.entriesUpTo(2100);
    await published;
    assert.deepEqual(titles(client.entries), numbers(2100));
});

test('every device has its own place', async () => {
    const phone = await resumed('two', undefined, { device: 'phone' });
    const laptop = await resumed('two', undefined, { device: 'laptop' });
    await send('two', ['a', 'b', 'c']);
    await phone.client.entriesUpTo(3);
    await laptop.client.entriesUpTo(3);
    phone.client.send({ op: 'ack', stream: 'user:two', token: phone.client.entries[0].token });
    laptop.client.send({ op: 'ack', stream: 'user:two', token: laptop.client.entries[1].token });
    await phone.client.close();
    await laptop.client.close();

    // Acks are stored a moment after the end of the connection.
    const unacked = (device, expected) => eventually(async () => {
        const { client, position } = await resumed('two', 'unacked', { device });
        assert.equal(position.recovered, true);
        const first = position.token === expected;
        if (first) {
            return client;
        }
        await client.close();
        return undefined;
    }, `the ack of ${device}`);
    const again = await unacked('phone', phone.client.entries[0].token);
    assert.deepEqual(titles(await again.entriesUpTo(2)), ['b', 'c']);
    const other = await unacked('laptop', laptop.client.entries[1].token);
    assert.deepEqual(titles(await other.entriesUpTo(1)), ['c']);
});

test('since=unacked without a device is refused', async () => {
    const token = await daemon.token('two');
    const client = new Client(daemon.public, { token, since: 'unacked' });
    const refusal = await client.refusal();
    assert.equal(refusal?.status, 422);
    assert.match(refusal.text, /device/);
});

test('an ack of what was not given is an error', async () => {
    const { client, position } = await resumed('liar', undefined, { device: 'd' });
    const [epoch] = position.token.split('.');
    client.send({ op: 'ack', stream: 'user:liar', token: `${epoch}.zz` });
    const answer = await client.expect('error');
    assert.equal(answer.about, 'ack');
    assert.equal(answer.code, 'invalid');
});

test('tokens of the list and of live entries are the same', async () => {
    await send('same', numbers(3));
    const { client } = await resumed('same', 'earliest');
    await client.entriesUpTo(3);
    const listed = await daemon.mailbox('same');
    assert.deepEqual(client.entries.map((e) => e.token), listed.map((e) => e.token));
    assert.deepEqual(listed.map((e) => e.seq), [1, 2, 3]);
});
