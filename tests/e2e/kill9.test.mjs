/// `kill -9` at random moments under load: nothing acknowledged is missing, nobody sees a hole or a repeat.
/// KILLS: how often (8); SEED: of the moments and recipients.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { Publisher, Subscriber } from './support/crash_load.mjs';
import { Daemon } from './support/daemon.mjs';
import { PATIENCE_MS, seeded } from './support/wait.mjs';

const KILLS = Number(process.env.KILLS ?? 8);
const SEED = Number(process.env.SEED ?? (Date.now() & 0xffffff));
const USERS = ['alice', 'bob', 'carol'];
const TOPIC = 'topic:all';
const STREAMS = [...USERS.map((user) => `user:${user}`), TOPIC];

/// Kills under load, or now and then while the daemon is still starting.
async function killAgainAndAgain(daemon, random) {
    let early = 0;
    for (let kill = 0; kill < KILLS; ++kill) {
        await sleep(50 + random() * 450);
        await daemon.kill();
        if (random() < 0.25) {
            ++early;
            const started = daemon.spawn();
            await sleep(random() * 150);
            started.kill();
            await started.ended();
        }
        await daemon.start();
    }
    return early;
}

/// Everything of a stream, oldest first, as a client that was never there before sees it.
async function everything(daemon, stream) {
    const client = await daemon.attach('auditor');
    client.send({ op: 'subscribe', stream, since: 'earliest' });
    const { head } = await client.expect('subscribed');
    await client.entriesUpTo(head);
    await client.close();
    return client.entries;
}

function checkAcknowledged(publishers, streams) {
    const found = new Map();
    for (const [stream, entries] of streams) {
        for (const entry of entries) {
            const key = `${stream} ${entry.title}`;
            assert.ok(!found.has(key), `${key} is there twice`);
            found.set(key, entry.token);
        }
    }
    for (const publisher of publishers) {
        for (const [title, places] of publisher.acknowledged) {
            for (const { stream, token } of places) {
                assert.equal(found.get(`${stream} ${title}`), token, `${title} was acknowledged`);
            }
        }
    }
}

test(`${KILLS} times kill -9 under load (SEED=${SEED})`, async () => {
    const daemon = await Daemon.started();
    const random = seeded(SEED);
    const subscribers = [];
    for (const user of USERS) {
        const token = await daemon.token(user);
        subscribers.push(new Subscriber(daemon, user, token), new Subscriber(daemon, user, token));
        subscribers.push(new Subscriber(daemon, user, token, TOPIC));
    }
    const names = ['keyed-a', 'keyed-b', 'keyed-c', 'keyless'];
    const publishers = names.map(
        (name) => new Publisher(daemon, name, STREAMS, random, name !== 'keyless'),
    );

    const early = await killAgainAndAgain(daemon, random);
    await Promise.all(publishers.map((publisher) => publisher.stop()));

    const streams = new Map();
    for (const user of USERS) {
        const entries = await daemon.mailbox(user);
        assert.deepEqual(entries.map((entry) => entry.seq), entries.map((_, index) => index + 1));
        streams.set(`user:${user}`, entries);
    }
    streams.set(TOPIC, await everything(daemon, TOPIC));
    checkAcknowledged(publishers, streams);

    const place = ({ token, title }) => `${token} ${title}`;
    for (const subscriber of subscribers) {
        const all = streams.get(subscriber.stream).map(place);
        await subscriber.signal.until(
            () => subscriber.entries.length >= all.length,
            () => `${subscriber.user} on ${subscriber.stream}: ${subscriber.entries.length} of ${all.length}`,
            PATIENCE_MS,
        );
        await subscriber.stop();
        assert.deepEqual(subscriber.entries.map(place), all);
        assert.deepEqual(subscriber.faults, []);
    }
    const sum = (list, count) => list.reduce((total, one) => total + count(one), 0);
    console.log(
        `kill9: ${KILLS} kills (and ${early} during a start), seed ${SEED}; ` +
        `${sum(publishers, (p) => p.acknowledged.size)} acknowledged, ` +
        `${sum(publishers, (p) => p.retries)} retries, ${sum(publishers, (p) => p.duplicates)} found to be ` +
        `duplicates; ${sum([...streams.values()], (s) => s.length)} entries in ${streams.size} streams, ` +
        `seen by ${subscribers.length} clients in ${sum(subscribers, (s) => s.attaches)} attaches`,
    );
    assert.ok(publishers.every((publisher) => publisher.acknowledged.size > 0));
});
