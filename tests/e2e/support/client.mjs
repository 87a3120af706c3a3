/// The unmodified npm client `ws`, with messages that can be awaited.
import { after } from 'node:test';

import WebSocket from 'ws';

import { Signal } from './wait.mjs';

const open = new Set();
after(() => open.forEach((client) => client.terminate()));

/// Ended after the test file, if it is still there.
export class Client {
    /// Every message, in order: parsed, with its text as `raw`.
    messages = [];
    entries = [];
    /// {code, reason} once it has closed.
    closed = null;
    /// {status, text, headers} if the handshake was refused.
    refused = null;
    /// Called with every message, if set.
    onMessage = null;
    #signal = new Signal();
    #taken = 0;

    /// `by`: how the token is given: header, subprotocol, or none.
    constructor({ port }, { token, by = 'header', since, device, path = '/v1/ws', options = {} } = {}) {
        const url = new URL(path, `ws://127.0.0.1:${port}`);
        for (const [name, value] of Object.entries({ since, device })) {
            if (value !== undefined) {
                url.searchParams.set(name, value);
            }
        }
        const protocols = by === 'subprotocol' ? ['belfry.v1', `bearer.${token}`] : ['belfry.v1'];
        const headers = by === 'header' && token ? { authorization: `Bearer ${token}` } : {};
        this.socket = new WebSocket(url, protocols, { headers, ...options });
        open.add(this);
        this.socket.on('message', (data) => this.#take(data.toString()));
        this.socket.on('error', (error) => this.#change(() => (this.error ??= error)));
        this.socket.on('close', (code, reason) => this.#close(code, reason.toString()));
        this.socket.on('open', () => this.#signal.notify());
        this.socket.on('pong', (data) => this.#change(() => (this.pong = data.toString())));
        this.socket.on('unexpected-response', (call, answer) => this.#refuse(call, answer));
    }

    send(message) {
        this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    }

    /// What `send` sends leaves in one piece.
    together(send) {
        // The npm client has no public way to its TCP socket.
        const { _socket: tcp } = this.socket;
        tcp.cork();
        send();
        tcp.uncork();
    }

    /// The next message that nobody has taken yet.
    async next() {
        await this.until(() => this.messages.length > this.#taken, 'a message');
        return this.messages[this.#taken++];
    }

    /// The next message, which must be of this op.
    async expect(op) {
        const message = await this.next();
        if (message.op !== op) {
            throw new Error(`expected ${op}, got ${message.raw}`);
        }
        return message;
    }

    hello() {
        return this.expect('hello');
    }

    opened() {
        return this.until(() => this.socket.readyState === WebSocket.OPEN, 'the handshake');
    }

    /// Until `count` entries have come in all.
    async entriesUpTo(count, limit) {
        await this.until(() => this.entries.length >= count, () => this.progress(count), limit);
        return this.entries;
    }

    progress(count) {
        return `${count} entries; ${this.entries.length} have come`;
    }

    /// Until `condition` is true; fails if the connection ends before.
    async until(condition, what, limit) {
        const text = () => (typeof what === 'function' ? what() : what);
        const settled = () => condition() || this.closed || this.refused;
        await this.#signal.until(settled, text, limit);
        if (!condition()) {
            throw new Error(`${text()}: the connection ended with ` +
                JSON.stringify(this.closed ?? this.refused));
        }
    }

    /// How it ended: {code, reason}.
    async ended(limit) {
        await this.#signal.until(() => this.closed, 'the end of the connection', limit);
        return this.closed;
    }

    /// How the handshake was refused: {status, text, headers}.
    async refusal() {
        await this.#signal.until(() => this.refused ?? this.closed, 'the refusal of the handshake');
        return this.refused;
    }

    async close() {
        this.socket.close();
        return this.ended();
    }

    terminate() {
        this.socket.terminate();
    }

    #take(raw) {
        const message = { ...JSON.parse(raw), raw };
        this.messages.push(message);
        if (message.op === 'entry') {
            this.entries.push(message);
        }
        this.onMessage?.(message);
        this.#signal.notify();
    }

    #close(code, reason) {
        open.delete(this);
        this.#change(() => (this.closed = { code, reason }));
    }

    #refuse(call, answer) {
        let text = '';
        answer.setEncoding('utf8').on('data', (part) => (text += part));
        answer.on('end', () => {
            this.#change(() => (this.refused = { status: answer.statusCode, text, headers: answer.headers }));
            call.destroy();
            open.delete(this);
        });
    }

    #change(change) {
        change();
        this.#signal.notify();
    }
}
