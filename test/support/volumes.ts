import { mkdir, open, rm, statfs, type FileHandle } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";

/** A small file system of its own, to be filled or made read-only. Needs root. */
export interface Volume {
  readonly dir: string;
  makeReadOnly(): Promise<void>;
  makeWritable(): Promise<void>;
  /** Fills it up to this many free bytes. */
  fill(leaveBytes: number): Promise<void>;
  free(): Promise<void>;
  unmount(): Promise<void>;
}

export const canMount = process.getuid?.() === 0;

export async function mountVolume(dir: string, sizeBytes: number): Promise<Volume> {
  await mkdir(dir, { recursive: true });
  await execa("mount", ["-t", "tmpfs", "-o", `size=${String(sizeBytes)},mode=0755`, "devkit-test", dir]);
  const filler = path.join(dir, "filler");
  const remount = (mode: string) => execa("mount", ["-o", `remount,${mode}`, dir]);
  return {
    dir,
    async makeReadOnly() {
      await remount("ro");
    },
    async makeWritable() {
      await remount("rw");
    },
    async fill(leaveBytes) {
      const { bavail, bsize } = await statfs(dir);
      const file = await open(filler, "w");
      try {
        await writeZeros(file, bavail * bsize - leaveBytes);
      } finally {
        await file.close();
      }
    },
    async free() {
      await rm(filler, { force: true });
    },
    async unmount() {
      // Containers that were just removed may hold it for a moment; a lazy unmount waits for them by itself.
      await execa("umount", ["-l", dir]);
    },
  };
}

async function writeZeros(file: FileHandle, bytes: number): Promise<void> {
  const block = Buffer.alloc(4096);
  try {
    for (let left = bytes; left > 0; left -= block.length)
      await file.write(block, 0, Math.min(left, block.length));
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
  }
}
