import { watch, type FSWatcher } from "node:fs";

/** How long after it was not there, or broke off, a directory is watched again. */
const RETRY_MS = 5000;

/** Tells when something in a directory was made, replaced or removed, until the signal; also when it comes to be watched. */
export function watchDirectory(directory: string, tell: () => void, signal: AbortSignal): void {
  const begin = () => {
    if (signal.aborted) return;
    let watcher: FSWatcher | undefined;
    const again = () => {
      watcher?.close();
      watcher = undefined;
      // Not what keeps the process alive.
      setTimeout(begin, RETRY_MS).unref();
    };
    try {
      watcher = watch(directory, { signal }, (event, name) => {
        // A directory that is removed is told by its own name.
        if (event === "rename" && name !== null && directory.endsWith(`/${name}`)) again();
        tell();
      });
      watcher.on("error", again);
      tell();
    } catch {
      again();
    }
  };
  begin();
}
