import type { Progress } from "../ports.js";

/** For a look ahead: what there is to say is said when it is done. */
export const SILENT_PROGRESS: Progress = {
  step: () => ({ update: () => undefined, done: () => undefined, fail: () => undefined }),
  warn: () => undefined,
};
