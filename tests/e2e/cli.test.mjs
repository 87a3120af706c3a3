/// The command line tool against a real daemon, and without one.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { Daemon, expectStatus } from './support/daemon.mjs';
import { Process, run } from './support/process.mjs';

assert.ok(process.env.BELFRY, 'environment variable BELFRY is not set; ctest -L e2e sets it');

let daemon;
before(async () => (daemon = await Daemon.started()));

const belfry = (args, options) =>
    run(process.env.BELFRY, ['--socket', daemon.control.socketPath, ...args], options);

async function succeed(args, options) {
    const done = await belfry(args, options);
    assert.equal(done.exit.code, 0, `belfry ${args.join(' ')}: ${done.stderr}`);
    return done;
}

test('user add, then login', async () => {
    const done = await succeed(['user', 'add', 'alice', '--password', 'correct horse']);
    assert.equal(done.stdout, 'user alice created\n');
    const body = { name: 'alice', password: 'correct horse' };
    expectStatus(await daemon.api('POST', '/v1/login', { body }), 200);

    await succeed(['user', 'add', 'bob'], { input: 'typed in secret\n' });
    const typed = { name: 'bob', password: 'typed in secret' };
    expectStatus(await daemon.api('POST', '/v1/login', { body: typed }), 200);
});

test('user add twice says that the user is there', async () => {
    await succeed(['user', 'add', 'twice', '--password', 'correct horse']);
    const again = await belfry(['user', 'add', 'twice', '--password', 'correct horse']);
    assert.notEqual(again.exit.code, 0);
    assert.match(again.stderr, /^belfry: .*twice.*\n$/);
});

test('token prints a token and nothing else', async () => {
    const done = await succeed(['token', '--user', 'alice']);
    assert.match(done.stdout, /^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const me = await daemon.api('GET', '/v1/me', { token: done.stdout.trim() });
    assert.deepEqual(expectStatus(me, 200).json.id, 'alice');
    const producer = await succeed(['token', '--user', 'cron', '--role', 'producer']);
    const body = { to: 'user:alice', title: 'x' };
    const options = { token: producer.stdout.trim(), body };
    expectStatus(await daemon.api('POST', '/v1/notifications', options), 201);
});

test('send delivers one text', async () => {
    const client = await daemon.attach('sendone');
    await succeed(['send', '--to', 'sendone', '--title', 'Build', 'all green']);
    const entry = await client.expect('entry');
    assert.equal(entry.title, 'Build');
    assert.equal(entry.body, 'all green');
});

test('send - delivers every line, in order', async () => {
    const lines = Array.from({ length: 1000 }, (_, index) => `line ${index} grün "quoted" \\`);
    const client = await daemon.attach('pipe');
    await succeed(['send', '--to', 'pipe', '-'], { input: `${lines.join('\n')}\n` });
    await client.entriesUpTo(1000);
    assert.deepEqual(client.entries.map((entry) => entry.body), lines);
    assert.equal((await daemon.mailbox('pipe')).length, 1000);
});

test('send - takes lines that grow when they are escaped', async () => {
    const lines = Array.from({ length: 1000 }, () => '\u0001'.repeat(60));
    await succeed(['send', '--to', 'controls', '-'], { input: lines.join('\n') });
    assert.equal((await daemon.mailbox('controls')).length, 1000);
});

test('send - refuses a line that is too long, and sends the others', async () => {
    const done = await belfry(['send', '--to', 'long', '-'], { input: `a\n${'x'.repeat(300_000)}\nb\n` });
    assert.equal(done.exit.code, 65);
    assert.match(done.stderr, /^belfry: line 2 was refused: .*\nbelfry: 1 lines were refused, 2 sent\n$/);
    assert.deepEqual((await daemon.mailbox('long')).map((entry) => entry.body), ['a', 'b']);
});

test('send - goes on while the daemon restarts', async () => {
    const lines = Array.from({ length: 3000 }, (_, index) => `line ${index}`);
    const sender = new Process(process.env.BELFRY, [
        '--socket', daemon.control.socketPath, 'send', '--to', 'restart', '-',
    ], { input: lines.join('\n') });
    const client = await daemon.attach('restart', { since: 'earliest' });
    await client.entriesUpTo(1);
    await daemon.kill();
    await daemon.start();
    const ended = await sender.ended();
    assert.equal(ended.exit.code, 0, ended.stderr);
    assert.deepEqual((await daemon.mailbox('restart')).map((entry) => entry.body), lines);
});

test('tail prints what is there and what comes', async () => {
    await daemon.publish({ to: 'user:tail', title: 'Old', body: 'first' });
    const tail = new Process(process.env.BELFRY, [
        '--socket', daemon.control.socketPath, 'tail', '--user', 'tail', '--since', 'earliest',
    ]);
    await tail.until(() => tail.stdout.includes('\n') || tail.exit, 'the first line');
    assert.match(tail.stdout, /^\d{4}-\S+Z {2}Old: first\n$/);
    await daemon.publish({ to: 'user:tail', body: 'with \u001b[31m and\nnewline' });
    await tail.until(() => tail.stdout.split('\n').length > 2 || tail.exit, 'the second line');
    assert.equal(tail.stdout.split('\n').length, 3, tail.stdout);
    assert.ok(!tail.stdout.includes('\u001b'), 'control characters of a notification are not printed');
    tail.kill('SIGINT');
    await tail.ended();
});

test('tail survives a restart of the daemon without a gap', async () => {
    const tail = new Process(process.env.BELFRY, [
        '--socket', daemon.control.socketPath, '--json', 'tail', '--topic', 'news', '--since', 'earliest',
    ]);
    const shown = () => tail.stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line).title);
    await daemon.publish({ to: 'topic:news', title: 'a' });
    await tail.until(() => shown().length === 1 || tail.exit, 'the first entry');
    await daemon.stop();
    await daemon.start();
    await daemon.publish({ to: 'topic:news', title: 'b' });
    await tail.until(() => shown().length >= 2 || tail.exit, 'the second entry');
    assert.deepEqual(shown(), ['a', 'b']);
    tail.kill('SIGTERM');
    await tail.ended();
});

test('status tells every check', async () => {
    const done = await succeed(['status']);
    assert.match(done.stdout, /\[\+\]storage ok/);
});

test('without a daemon every command says so and exits with 69', async () => {
    for (const args of [
        ['send', '--to', 'a', 'text'], ['send', '--to', 'a', '-'], ['tail', '--user', 'a'],
        ['token', '--user', 'a'], ['user', 'add', 'a', '--password', 'correct horse'], ['status'],
    ]) {
        const done = await run(process.env.BELFRY, ['--socket', '/nonexistent/b.sock', ...args], {
            input: 'x\n',
        });
        assert.equal(done.exit.code, 69, args.join(' '));
        assert.match(done.stderr, /^belfry: .*\/nonexistent\/b\.sock.*\n$/, args.join(' '));
        assert.equal(done.stdout, '');
    }
});

test('wrong use is exit code 64', async () => {
    for (const args of [[], ['fly'], ['send', 'text'], ['tail'], ['user'], ['user', 'add']]) {
        const done = await belfry(args);
        assert.equal(done.exit.code, 64, args.join(' '));
        assert.notEqual(done.stderr, '');
    }
});

test('what the daemon refuses is told with its reason', async () => {
    const done = await belfry(['send', '--to', 'no such user', 'text']);
    assert.notEqual(done.exit.code, 0);
    assert.match(done.stderr, /^belfry: to: .*spaces/);
});
