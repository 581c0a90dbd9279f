const MIB = 1024 ** 2;

/** A log of an agent's tools that nothing else keeps from growing. */
export interface LogCap {
  /** Relative to the home. */
  readonly directory: string;
  readonly name: RegExp;
  /** On disk; what is larger is cut. */
  readonly capBytes: number;
  /** How much of its end stays; at most half of the cap, so that cutting never overwrites what is kept. */
  readonly keepBytes: number;
}

/**
 * Everything that is cut, and nothing else is: sessions, history and databases (`.codex/logs_2.sqlite` is one) are the
 * agent's.
 */
export const LOG_CAPS: readonly LogCap[] = [
  { directory: ".codex/log", name: /\.log$/, capBytes: 256 * MIB, keepBytes: 16 * MIB },
  { directory: ".claude/debug", name: /\.(txt|log)$/, capBytes: 64 * MIB, keepBytes: 8 * MIB },
];

/** A log that was cut. */
export interface CutLog {
  /** Relative to the home; the agent's text. */
  readonly path: string;
  readonly bytes: number;
  readonly kept: number;
}
