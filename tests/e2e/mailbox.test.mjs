/// The mailbox by HTTP: pages, read marks, data as it was sent, who may see it.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { Daemon, expectStatus } from './support/daemon.mjs';
import { eventually } from './support/wait.mjs';

let daemon;
before(async () => (daemon = await Daemon.started()));

const send = (user, titles) =>
    daemon.publishAll(titles.map((title) => ({ to: `user:${user}`, title })));

function expectProblem(answer, status) {
    assert.equal(answer.status, status, answer.text);
    assert.match(answer.headers['content-type'], /^application\/problem\+json/);
    assert.equal(answer.json.status, status);
    assert.ok(answer.json.title);
    return answer.json;
}

test('pages go from the newest to the oldest, by cursor', async () => {
    const titles = Array.from({ length: 25 }, (_, index) => String(index));
    await send('pages', titles);
    const token = await daemon.token('pages');
    const found = [];
    let path = '/v1/mailbox?limit=10';
    const sizes = [];
    while (path) {
        const page = expectStatus(await daemon.api('GET', path, { token }), 200);
        sizes.push(page.json.entries.length);
        assert.equal(page.json.unread, 25);
        found.push(...page.json.entries.map((entry) => entry.title));
        path = /^<([^>]+)>; rel="next"$/.exec(page.headers.link ?? '')?.[1];
        assert.equal(path !== undefined, page.json.next_cursor !== undefined);
    }
    assert.deepEqual(sizes, [10, 10, 5]);
    assert.deepEqual(found, titles.reverse());
});

test('a page is not moved by what arrives meanwhile', async () => {
    await send('moving', ['a', 'b', 'c', 'd']);
    const token = await daemon.token('moving');
    const first = (await daemon.api('GET', '/v1/mailbox?limit=2', { token })).json;
    await send('moving', ['e', 'f']);
    const path = `/v1/mailbox?limit=2&cursor=${first.next_cursor}`;
    const second = (await daemon.api('GET', path, { token })).json;
    assert.deepEqual([...first.entries, ...second.entries].map((e) => e.title), ['d', 'c', 'b', 'a']);
});

test('the end of the list says the same unread count', async () => {
    await send('end', ['a']);
    const token = await daemon.token('end');
    const { entries } = (await daemon.api('GET', '/v1/mailbox', { token })).json;
    const path = `/v1/mailbox?cursor=${entries[0].token}`;
    const beyond = expectStatus(await daemon.api('GET', path, { token }), 200).json;
    assert.deepEqual(beyond, { entries: [], unread: 1 });
});

test('read marks count, by token, by id, by seq, and back', async () => {
    const sent = await send('reader', ['a', 'b', 'c', 'd']);
    const token = await daemon.token('reader');
    const mark = async (body) =>
        expectStatus(await daemon.api('POST', '/v1/mailbox/read', { token, body }), 200).json;
    const unread = async () => (await daemon.api('GET', '/v1/mailbox/unread', { token })).json;

    assert.deepEqual(await unread(), { unread: 4, token: sent[3].places[0].token });
    assert.deepEqual(await mark({ up_to: sent[1].places[0].token }), { changed: 2, unread: 2 });
    assert.deepEqual(await mark({ up_to: sent[1].places[0].token }), { changed: 0, unread: 2 });
    assert.deepEqual(await mark({ ids: [sent[2].id, 'unknown'] }), { changed: 1, unread: 1 });
    assert.deepEqual(await mark({ seqs: [1], unread: true }), { changed: 1, unread: 2 });
    const { entries } = (await daemon.api('GET', '/v1/mailbox?unread=true', { token })).json;
    assert.deepEqual(entries.map((e) => e.title), ['d', 'a']);
    const one = (await daemon.api('GET', `/v1/mailbox/${sent[2].id}`, { token })).json;
    assert.equal(one.title, 'c');
    assert.equal(one.read, true);
    assert.match(one.read_at, /^\d{4}-\d\d-\d\dT/);
});

test('a client marks read, and its next hello counts without it', async () => {
    await send('live', ['a', 'b', 'c']);
    const client = await daemon.attach('live', { since: 'earliest' });
    await client.entriesUpTo(3);
    client.send({ op: 'read', stream: 'user:live', token: client.entries[1].token });
    const token = await daemon.token('live');
    await eventually(
        async () => (await daemon.api('GET', '/v1/mailbox/unread', { token })).json.unread === 1,
        'the read mark',
    );
    const again = await daemon.attach('live', { since: 'earliest' });
    assert.equal(again.messages[0].streams[0].unread, 1);
    await again.entriesUpTo(3);
    assert.deepEqual(again.entries.map((e) => e.read_at !== undefined), [true, true, false]);
});

test('data stays byte for byte, live and listed', async () => {
    const data =
        '{"price":1.50,"e":1e3,"big":123456789012345678901234567890,"text":"\\u00e9\\ud83d\\ude00 é",' +
        ' "spaces" : [ 1 , 2 ],"minus":-0.0,"slash":"a\\/b"}';
    const client = await daemon.attach('bytes');
    const answer = await daemon.asAdmin('POST', '/v1/notifications', {
        body: `{"data":${data},"to":"user:bytes"}`,
        headers: { 'content-type': 'application/json' },
    });
    expectStatus(answer, 201);
    const entry = await client.expect('entry');
    assert.ok(entry.raw.includes(`"data":${data}`), entry.raw);
    const token = await daemon.token('bytes');
    const listed = await daemon.api('GET', '/v1/mailbox', { token });
    assert.ok(listed.text.includes(`"data":${data}`), listed.text);
    const batch = await daemon.asAdmin('POST', '/v1/notifications/batch', {
        body: `[{"to":"user:bytes","data":${data}}, {"to":"user:bytes","data":[1.50]}]`,
        headers: { 'content-type': 'application/json' },
    });
    expectStatus(batch, 200);
    assert.ok((await client.expect('entry')).raw.includes(`"data":${data}`));
    assert.ok((await client.expect('entry')).raw.includes('"data":[1.50]'));
});

test('text survives as it is: emoji, controls, quotes', async () => {
    const title = 'Grüße 👋 "quoted" \\ \u2028 \u0001 \t\n';
    const client = await daemon.attach('text');
    await daemon.publish({ to: 'user:text', title, body: title });
    const entry = await client.expect('entry');
    assert.equal(entry.title, title);
    assert.equal(entry.body, title);
    assert.equal((await daemon.mailbox('text'))[0].title, title);
});

test('data that is text has its type', async () => {
    const client = await daemon.attach('plain');
    await daemon.publish({ to: 'user:plain', data: 'a,b\n1,2\n', data_type: 'text/csv' });
    const entry = await client.expect('entry');
    assert.equal(entry.data_type, 'text/csv');
    assert.equal(Buffer.from(entry.data_base64, 'base64').toString(), 'a,b\n1,2\n');
    const [listed] = await daemon.mailbox('plain');
    assert.equal(listed.data_type, entry.data_type);
    assert.equal(listed.data_base64, entry.data_base64);
});

test('one notification to several mailboxes is one body', async () => {
    const answer = await daemon.publish({ to: ['user:many1', 'user:many2', 'topic:many'], title: 'x' });
    assert.deepEqual(answer.places.map((p) => p.stream), ['user:many1', 'user:many2', 'topic:many']);
    assert.equal((await daemon.mailbox('many1'))[0].id, answer.id);
    assert.equal((await daemon.mailbox('many2'))[0].id, answer.id);
});

test('publishing an event again is a duplicate, with other content a conflict', async () => {
    const event = { to: 'user:once', title: 'a', source: 'shop', event_id: '1' };
    const first = await daemon.publish(event);
    const again = await daemon.asAdmin('POST', '/v1/notifications', { body: event });
    assert.equal(again.status, 200);
    assert.deepEqual(again.json, { ...first, duplicate: true });
    const other = await daemon.asAdmin('POST', '/v1/notifications', { body: { ...event, title: 'b' } });
    expectProblem(other, 409);
    assert.equal((await daemon.mailbox('once')).length, 1);
});

test('another user\'s mailbox is refused', async () => {
    await send('owner', ['secret']);
    const token = await daemon.token('thief');
    expectProblem(await daemon.api('GET', '/v1/users/owner/mailbox', { token }), 403);
    expectProblem(await daemon.api('GET', '/v1/mailbox?user=owner', { token }), 403);
    const body = { user: 'owner', ids: ['x'] };
    expectProblem(await daemon.api('POST', '/v1/mailbox/read', { token, body }), 403);
    const client = await daemon.attach('thief', { token });
    client.send({ op: 'subscribe', stream: 'user:owner', since: 'earliest' });
    const answer = await client.expect('error');
    assert.equal(answer.about, 'subscribe');
    assert.equal(answer.code, 'not_found');
});

test('publishing needs the role, and a token at all', async () => {
    const body = { to: 'user:a', title: 'x' };
    const token = await daemon.token('nobody');
    expectProblem(await daemon.api('POST', '/v1/notifications', { token, body }), 403);
    expectProblem(await daemon.api('POST', '/v1/notifications', { body }), 401);
    const wrong = await daemon.api('POST', '/v1/notifications', { token: `${token}x`, body });
    expectProblem(wrong, 401);
    assert.match(wrong.headers['www-authenticate'], /^Bearer/);
});

test('bad input gets a problem that names the place', async () => {
    const bad = async (body, status, pointer) => {
        const options = typeof body === 'string'
            ? { body, headers: { 'content-type': 'application/json' } }
            : { body };
        const problem = expectProblem(await daemon.asAdmin('POST', '/v1/notifications', options), status);
        assert.ok(pointer === undefined || JSON.stringify(problem).includes(pointer), JSON.stringify(problem));
    };
    await bad('{', 400);
    await bad('{"to":"user:a","to":"user:b"}', 400);
    await bad('[]', 422, '');
    await bad({}, 422, 'to');
    await bad({ to: 'alice' }, 422, '/to');
    await bad({ to: ['user:a', 'room:b'] }, 422, '/to/1');
    await bad({ to: 'user:a', priority: 11 }, 422, '/priority');
    await bad({ to: 'user:a', titel: 'x' }, 422, 'titel');
    await bad({ to: 'user:a', expires_at: 'tomorrow' }, 422, '/expires_at');
    await bad(JSON.stringify({ to: 'user:a', body: 'x'.repeat(300_000) }), 413);
    expectProblem(await daemon.asAdmin('POST', '/v1/notifications', { body: 'to=x' }), 415);
    expectProblem(await daemon.api('GET', '/v1/nothing'), 404);
    expectProblem(await daemon.api('DELETE', '/v1/notifications'), 405);
});

test('a batch answers each for itself, in order', async () => {
    const answer = await daemon.asAdmin('POST', '/v1/notifications/batch', {
        body: [{ to: 'user:batch', title: 'a' }, { to: 'nowhere' }, { to: 'user:batch', title: 'b' }],
    });
    const { results } = expectStatus(answer, 200).json;
    assert.deepEqual(results.map((result) => result.status), [201, 422, 201]);
    assert.deepEqual((await daemon.mailbox('batch')).map((e) => e.title), ['a', 'b']);
});

test('registration and login refuse what is wrong', async () => {
    const register = (body) => daemon.asAdmin('POST', '/v1/users', { body });
    const login = (body) => daemon.api('POST', '/v1/login', { body });
    expectStatus(await register({ name: 'dora', password: 'long enough' }), 201);
    expectProblem(await register({ name: 'dora', password: 'long enough' }), 409);
    expectProblem(await register({ name: 'short', password: 'short' }), 422);
    expectProblem(await register({ name: 'no space', password: 'long enough' }), 422);
    expectProblem(await daemon.api('POST', '/v1/users', { body: { name: 'x', password: 'long enough' } }), 401);
    expectProblem(await login({ name: 'dora', password: 'wrong pass' }), 401);
    expectProblem(await login({ name: 'nobody', password: 'wrong pass' }), 401);
});
