/// A daemon of one's own: a profile in a temporary folder, free ports, real plugins.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

import { Client } from './client.mjs';
import { request } from './http.mjs';
import { Process, run } from './process.mjs';
import { eventually } from './wait.mjs';

export const BELFRYD = needed('BELFRYD');
export const PLUGIN_DIR = needed('BELFRY_PLUGIN_DIR');

function needed(name) {
    if (!process.env[name]) {
        throw new Error(`environment variable ${name} is not set; ctest -L e2e sets it`);
    }
    return process.env[name];
}

const all = [];
after(() => Promise.all(all.map((daemon) => daemon.remove())));

/// Stopped and removed after the test file.
export class Daemon {
    process = null;
    /// Bound addresses: {port}; new ones at every start.
    public = null;
    admin = null;

    /// `profile`: sections on top of those that make it run in a temporary folder.
    constructor(profile = {}) {
        this.folder = mkdtempSync(join(tmpdir(), 'belfry-e2e-'));
        this.state = join(this.folder, 'state');
        this.elsewhere = join(this.folder, 'elsewhere');
        this.file = join(this.folder, 'belfry.yaml');
        this.control = { socketPath: join(this.folder, 'belfry.sock') };
        mkdirSync(this.elsewhere);
        this.profile = {
            state: this.state,
            listeners: [{ name: 'public', address: '127.0.0.1:0' }],
            admin: { address: '127.0.0.1:0' },
            control: { socket: this.control.socketPath },
            identity: { passwords: { memory: '64KiB', passes: 1 } },
            plugins: { directories: [PLUGIN_DIR], probe_time: '60s' },
            shutdown: { timeout: '10s' },
            ...profile,
        };
        all.push(this);
    }

    static async started(profile) {
        const daemon = new Daemon(profile);
        await daemon.start();
        return daemon;
    }

    /// YAML takes JSON as it is.
    writeProfile() {
        writeFileSync(this.file, JSON.stringify(this.profile, null, 2));
        return this;
    }

    /// Starts the process; does not wait for anything.
    spawn() {
        this.writeProfile();
        this.process = new Process(BELFRYD, ['--config', this.file], { cwd: this.elsewhere });
        return this.process;
    }

    async start() {
        this.spawn();
        await this.ready();
    }

    async ready() {
        const { process } = this;
        const line = / ready public=\S+:(\d+) admin=\S+:(\d+)\n/;
        await process.until(() => process.exit || line.test(process.stderr), 'the line "ready"');
        const found = line.exec(process.stderr);
        if (!found) {
            throw new Error(`the daemon ended with ${JSON.stringify(process.exit)}:\n${process.stderr}`);
        }
        this.public = { port: Number(found[1]) };
        this.admin = { port: Number(found[2]) };
        await eventually(
            async () => (await request(this.admin, 'GET', '/readyz')).status === 200,
            'readiness',
        );
    }

    /// SIGTERM; gives {code, signal}.
    async stop() {
        this.process.kill('SIGTERM');
        return (await this.process.ended()).exit;
    }

    async kill() {
        this.process.kill('SIGKILL');
        await this.process.ended();
    }

    async remove() {
        if (this.process && !this.process.exit) {
            await this.kill();
        }
        rmSync(this.folder, { recursive: true, force: true });
    }

    /// belfryd with other arguments, to its end.
    static run(...args) {
        return run(BELFRYD, args, { env: { BELFRY_PLUGIN_DIR: PLUGIN_DIR } });
    }

    // ---- the API ------------------------------------------------------------------------------------

    api(method, path, options) {
        return request(this.public, method, path, options);
    }

    /// By the control socket, as admin.
    asAdmin(method, path, options) {
        return request(this.control, method, path, options);
    }

    async token(user, { roles, lifetime } = {}) {
        const body = { user, ...(roles && { roles }), ...(lifetime && { lifetime }) };
        const answer = await this.asAdmin('POST', '/v1/tokens', { body });
        return expectStatus(answer, 201).json.token;
    }

    /// Publishes as admin, and gives the answer's JSON.
    async publish(notification) {
        const answer = await this.asAdmin('POST', '/v1/notifications', { body: notification });
        return expectStatus(answer, 201).json;
    }

    async publishAll(notifications) {
        const answer = await this.asAdmin('POST', '/v1/notifications/batch', { body: notifications });
        const { results } = expectStatus(answer, 200).json;
        for (const result of results) {
            if (result.status !== 201) {
                throw new Error(`published with ${JSON.stringify(result)}`);
            }
        }
        return results;
    }

    /// A client of `user` that has had its hello.
    async attach(user, options = {}) {
        const token = options.token ?? (await this.token(user));
        const client = new Client(this.public, { ...options, token });
        await client.hello();
        return client;
    }

    /// The whole mailbox, oldest first.
    async mailbox(user) {
        const entries = [];
        let cursor = '';
        do {
            const path = `/v1/users/${user}/mailbox?limit=200${cursor && `&cursor=${cursor}`}`;
            const page = expectStatus(await this.asAdmin('GET', path), 200).json;
            entries.push(...page.entries);
            cursor = page.next_cursor;
        } while (cursor);
        return entries.reverse();
    }

    /// The value of a metric without labels.
    async metric(name) {
        const { text } = await request(this.admin, 'GET', '/metrics');
        const found = new RegExp(`^${name} (\\S+)$`, 'm').exec(text);
        return found ? Number(found[1]) : undefined;
    }
}

export function expectStatus(answer, status) {
    if (answer.status !== status) {
        throw new Error(`expected status ${status}, got ${answer.status}: ${answer.text}`);
    }
    return answer;
}
