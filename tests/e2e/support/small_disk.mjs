/// A file system in memory of a size of its own, mounted for a test. Needs the right to mount.
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/// Gone after the test `t`; processes that use it then may go on until they end.
export class SmallDisk {
    #filler;

    constructor(t, folder, size) {
        this.folder = folder;
        this.#filler = join(folder, 'filler');
        mkdirSync(folder, { recursive: true });
        execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=0755`, 'none', folder]);
        t.after(() => execFileSync('umount', ['-l', folder]));
    }

    /// Leaves `left` bytes.
    fill(left = 0) {
        const { bavail, bsize } = statfsSync(this.folder);
        const file = openSync(this.#filler, 'w');
        const piece = Buffer.alloc(bsize, 1);
        for (let blocks = bavail - Math.ceil(left / bsize); blocks > 0; --blocks) {
            writeSync(file, piece);
        }
        closeSync(file);
    }

    /// Takes away what fill() wrote.
    free() {
        rmSync(this.#filler, { force: true });
    }
}
