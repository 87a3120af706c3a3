/// PostgreSQL for tests: the server of the ctest fixture, or one of the test's own.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

import { PATIENCE_MS, eventually } from './wait.mjs';
import { run } from './process.mjs';

const SCRIPT = fileURLToPath(new URL('../../support/postgres', import.meta.url));

/// How to reach the server that BELFRY_POSTGRES (an address) or BELFRY_POSTGRES_FILE (a file with one) names.
export function sharedPostgres() {
    const file = process.env.BELFRY_POSTGRES_FILE;
    const address = process.env.BELFRY_POSTGRES ?? (file && readFileSync(file, 'utf8').trim());
    if (!address) {
        throw new Error('BELFRY_POSTGRES_FILE is not set; the test needs the fixture postgres');
    }
    return address;
}

const all = [];
after(() => Promise.all(all.map((server) => server.remove())));

/// A server in a temporary folder, with fsync; removed after the test file. The promises end when it has
/// happened.
export class Postgres {
    /// `host=... port=... dbname=... user=...`; the same after a restart.
    address = '';
    port = 0;
    #folder;
    #options;

    constructor({ weak = false, settings = [], folder = Postgres.newFolder() } = {}) {
        this.#folder = folder;
        this.#options = { flags: weak ? ['--weak'] : [], settings };
        all.push(this);
    }

    static newFolder() {
        return mkdtempSync(join(tmpdir(), 'belfry-postgres-'));
    }

    /// `settings`: such as 'synchronous_commit=off'. `weak`: without fsync. `folder`: of a newFolder().
    static async started(options) {
        const server = new Postgres(options);
        await server.start();
        return server;
    }

    /// Also after kill or stop, with the data that is there.
    async start() {
        const { flags, settings } = this.#options;
        const until = ['--until', String(process.pid)];
        await this.#script('start', ...until, ...flags, this.#folder, ...settings);
        this.address = readFileSync(join(this.#folder, 'conninfo'), 'utf8').trim();
        this.port = Number(readFileSync(join(this.#folder, 'port'), 'utf8'));
    }

    /// Until it answers; starts it again where it has ended.
    revive() {
        const isUp = () => this.query('SELECT 1').then(Boolean, () => false);
        const begin = () => this.start().then(() => true, () => false);
        return eventually(async () => (await isUp()) || (await begin()), 'the server');
    }

    /// SIGKILL to the server and all its processes.
    kill() {
        return this.#script('kill', this.#folder);
    }

    stop() {
        return this.#script('stop', this.#folder);
    }

    async remove() {
        await this.kill();
        rmSync(this.#folder, { recursive: true, force: true });
    }

    /// What `sql` gives, by psql: columns by '|', rows by '\n'.
    async query(sql) {
        const { stdout } = await succeeded('psql', ['-X', '-A', '-t', '-c', sql, this.address]);
        return stdout.trimEnd();
    }

    #script(...args) {
        return succeeded(SCRIPT, args);
    }
}

async function succeeded(file, args) {
    const ended = await run(file, args, { limit: 3 * PATIENCE_MS });
    if (ended.exit.code !== 0) {
        const found = `${JSON.stringify(ended.exit)}:\n${ended.stderr}`;
        throw new Error(`${file} ${args.join(' ')}: expected success, found ${found}`);
    }
    return ended;
}
