/// Load on a daemon while something is killed again and again; then the proof that nothing acknowledged is
/// missing, and that nobody saw a hole or a repeat.
import assert from 'node:assert/strict';

import { Publisher, Subscriber } from './crash_load.mjs';
import { PATIENCE_MS } from './wait.mjs';

const USERS = ['alice', 'bob', 'carol'];
const TOPIC = 'topic:all';
const STREAMS = [...USERS.map((user) => `user:${user}`), TOPIC];

/// `crash` does the killing, and ends with everything running; gives a line that tells what was seen.
export async function surviveCrashes(daemon, random, crash) {
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
    await crash();
    await Promise.all(publishers.map((publisher) => publisher.stop()));

    const streams = await readStreams(daemon);
    checkAcknowledged(publishers, streams);
    await checkSubscribers(subscribers, streams);
    assert.ok(publishers.every((publisher) => publisher.acknowledged.size > 0));
    return tell(publishers, subscribers, streams);
}

async function readStreams(daemon) {
    const streams = new Map();
    for (const user of USERS) {
        const entries = await daemon.mailbox(user);
        assert.deepEqual(entries.map((entry) => entry.seq), entries.map((_, index) => index + 1));
        streams.set(`user:${user}`, entries);
    }
    return streams.set(TOPIC, await everything(daemon, TOPIC));
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

async function checkSubscribers(subscribers, streams) {
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
}

function tell(publishers, subscribers, streams) {
    const sum = (list, count) => list.reduce((total, one) => total + count(one), 0);
    return (
        `${sum(publishers, (p) => p.acknowledged.size)} acknowledged, ` +
        `${sum(publishers, (p) => p.retries)} retries, ${sum(publishers, (p) => p.duplicates)} found to be ` +
        `duplicates; ${sum([...streams.values()], (s) => s.length)} entries in ${streams.size} streams, ` +
        `seen by ${subscribers.length} clients in ${sum(subscribers, (s) => s.attaches)} attaches`
    );
}
