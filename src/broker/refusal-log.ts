import { showText } from "../base/show-text.js";

/** One line for the log. */
export interface LogLine {
  readonly at: string;
  /** Undefined: the broker itself. */
  readonly agent?: string;
  readonly event: string;
  readonly detail: string;
  /** How many there were since the last line about them, when more than one. */
  readonly count?: number;
}

export interface RefusalLog {
  note(agent: string | undefined, event: string, detail: string): void;
  /** Writes what has been counted and not yet said. */
  flush(): void;
}

const INTERVAL_MS = 10_000;
const LONGEST = 300;

/** Says the first of each kind at once, and of those that follow within the interval how many there were. */
export function createRefusalLog(
  write: (line: LogLine) => void,
  now: () => Date = () => new Date(),
): RefusalLog {
  interface Counted {
    saidAtMs: number;
    count: number;
    detail: string;
  }
  const kinds = new Map<string, Counted>();
  const say = (agent: string | undefined, event: string, detail: string, count: number) => {
    write({
      at: now().toISOString(),
      ...(agent === undefined ? {} : { agent }),
      event,
      detail: showText(detail).slice(0, LONGEST),
      ...(count > 1 ? { count } : {}),
    });
  };
  const flush = (isDue: (kind: Counted) => boolean) => {
    for (const [key, kind] of kinds) {
      if (!isDue(kind)) continue;
      const [agent, event = ""] = key.split("\n");
      kinds.delete(key);
      if (kind.count > 0) say(agent === "" ? undefined : agent, event, kind.detail, kind.count);
    }
  };
  return {
    note(agent, event, detail) {
      const atMs = now().getTime();
      flush((kind) => atMs - kind.saidAtMs >= INTERVAL_MS);
      const key = `${agent ?? ""}\n${event}`;
      const known = kinds.get(key);
      if (known !== undefined) {
        known.count += 1;
        known.detail = detail;
        return;
      }
      kinds.set(key, { saidAtMs: atMs, count: 0, detail });
      say(agent, event, detail, 1);
    },
    flush: () => {
      flush(() => true);
    },
  };
}
