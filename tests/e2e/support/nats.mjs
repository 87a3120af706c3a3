/// A NATS server of the test's own with JetStream, and a client that speaks its protocol.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { run } from './process.mjs';
import { within } from './wait.mjs';

const SCRIPT = fileURLToPath(new URL('../../support/nats', import.meta.url));

const servers = [];
const clients = new Set();
after(async () => {
    clients.forEach((client) => client.close());
    await Promise.all(servers.map((server) => server.remove()));
});

/// Removed after the test file.
export class Nats {
    folder = mkdtempSync(join(tmpdir(), 'belfry-nats-'));

    static async started() {
        const server = new Nats();
        servers.push(server);
        await server.start();
        return server;
    }

    /// Also after stop or kill: on the same port, with the data that is there.
    async start() {
        await this.#script('start', '--until', String(process.pid), this.folder);
        this.url = readFileSync(join(this.folder, 'url'), 'utf8').trim();
        this.port = Number(readFileSync(join(this.folder, 'port'), 'utf8'));
    }

    stop() {
        return this.#script('stop', this.folder);
    }

    kill() {
        return this.#script('kill', this.folder);
    }

    async remove() {
        await this.kill();
        rmSync(this.folder, { recursive: true, force: true });
    }

    async #script(...args) {
        const { exit, stderr } = await run(SCRIPT, args);
        if (exit.code !== 0) {
            throw new Error(`nats ${args.join(' ')}: ${JSON.stringify(exit)} ${stderr}`);
        }
    }
}

/// One connection after the other; what was not answered is sent again.
export class NatsClient {
    #server;
    #socket;
    #opening;
    #buffer = Buffer.alloc(0);
    #waiting = new Map();
    #last = 0;
    #is_closed = false;

    constructor(server) {
        this.#server = server;
        clients.add(this);
    }

    close() {
        this.#is_closed = true;
        clients.delete(this);
        this.#socket?.destroy();
    }

    /// A request to JetStream's API: its answer's JSON, which is no error.
    async api(name, body = {}) {
        const answer = JSON.parse(await this.#ask(`$JS.API.${name}`, {}, JSON.stringify(body)));
        if (answer.error) {
            throw new Error(`${name}: ${answer.error.description}`);
        }
        return answer;
    }

    /// Until the stream has it, across restarts of the server; an id makes that once.
    async publish(subject, headers, body) {
        for (;;) {
            const text = await this.#ask(subject, headers, body).catch(() => '');
            const answer = text && JSON.parse(text);
            if (answer?.seq) {
                return answer;
            }
            if (this.#is_closed) {
                throw new Error('closed');
            }
            await sleep(20);
        }
    }

    async #ask(subject, headers, body) {
        await this.#connected();
        const inbox = `_INBOX.e2e.${++this.#last}`;
        const answer = new Promise((resolve, reject) => this.#waiting.set(inbox, { resolve, reject }));
        answer.catch(() => {});
        const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
        const head = Buffer.from(`NATS/1.0\r\n${lines.join('')}\r\n`);
        const data = Buffer.isBuffer(body) ? body : Buffer.from(body);
        this.#socket.write(Buffer.concat([
            Buffer.from(`HPUB ${subject} ${inbox} ${head.length} ${head.length + data.length}\r\n`),
            head, data, Buffer.from('\r\n'),
        ]));
        try {
            return await within(answer, `an answer to ${subject}`, 3000);
        } finally {
            this.#waiting.delete(inbox);
        }
    }

    #connected() {
        this.#opening ??= new Promise((resolve, reject) => {
            const socket = connect(this.#server.port, '127.0.0.1');
            this.#buffer = Buffer.alloc(0);
            socket.on('connect', () => {
                socket.write('CONNECT {"headers":true,"verbose":false,"no_responders":true}\r\n');
                socket.write('SUB _INBOX.e2e.* 1\r\n');
                this.#socket = socket;
                resolve();
            });
            socket.on('data', (data) => this.#take(socket, data));
            socket.on('error', () => {});
            socket.on('close', () => {
                this.#opening = undefined;
                reject(new Error('no connection'));
                this.#waiting.forEach((call) => call.reject(new Error('connection lost')));
            });
        });
        return this.#opening;
    }

    #take(socket, data) {
        this.#buffer = Buffer.concat([this.#buffer, data]);
        for (;;) {
            const end = this.#buffer.indexOf('\r\n');
            if (end < 0) {
                return;
            }
            const line = this.#buffer.subarray(0, end).toString();
            const words = line.split(' ');
            if (words[0] !== 'MSG' && words[0] !== 'HMSG') {
                this.#buffer = this.#buffer.subarray(end + 2);
                if (line === 'PING') {
                    socket.write('PONG\r\n');
                }
                continue;
            }
            const size = Number(words.at(-1));
            if (this.#buffer.length < end + 2 + size + 2) {
                return;
            }
            const skip = words[0] === 'HMSG' ? Number(words.at(-2)) : 0;
            const body = this.#buffer.subarray(end + 2 + skip, end + 2 + size).toString();
            this.#buffer = this.#buffer.subarray(end + 2 + size + 2);
            this.#waiting.get(words[1])?.resolve(body);
        }
    }
}
