/// Child processes whose output and end can be awaited, and that never outlive the test.
import { spawn } from 'node:child_process';

import { Signal } from './wait.mjs';

const running = new Set();

process.on('exit', () => {
    for (const child of running) {
        child.kill('SIGKILL');
    }
});

export class Process {
    stdout = '';
    stderr = '';
    /// {code, signal} once it has ended.
    exit = null;
    #signal = new Signal();
    #child;

    constructor(file, args, { env = {}, cwd, input } = {}) {
        this.#child = spawn(file, args, {
            cwd,
            env: { ...process.env, ...env },
            stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
        });
        running.add(this.#child);
        for (const stream of ['stdout', 'stderr']) {
            this.#child[stream].setEncoding('utf8').on('data', (text) => {
                this[stream] += text;
                this.#signal.notify();
            });
        }
        this.#child.on('error', (error) => this.#end({ code: null, signal: String(error) }));
        this.#child.on('close', (code, signal) => this.#end({ code, signal }));
        if (input !== undefined) {
            this.#child.stdin.on('error', () => {});
            this.#child.stdin.end(input);
        }
    }

    get pid() {
        return this.#child.pid;
    }

    kill(signal = 'SIGKILL') {
        this.#child.kill(signal);
    }

    /// Until `condition` of this process is true; also woken by its end.
    until(condition, what, limit) {
        return this.#signal.until(
            condition,
            () => `${what}; standard error so far:\n${this.stderr}`,
            limit,
        );
    }

    /// Its end: this object, with `exit`.
    async ended(limit) {
        await this.until(() => this.exit, 'the end of the process', limit);
        return this;
    }

    #end(exit) {
        running.delete(this.#child);
        this.exit = exit;
        this.#signal.notify();
    }
}

/// Runs to the end.
export function run(file, args, options) {
    return new Process(file, args, options).ended(options?.limit);
}
