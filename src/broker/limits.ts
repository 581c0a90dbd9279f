/** What one agent may ask of the broker; nothing of it is shared with other agents. */
export const LIMITS = {
  /** Commands at once; those beyond are asked to come again. */
  connections: 8,
  /** Sessions of MCP at once, which last as long as the program that has them. */
  sessions: 4,
  /** Also of the names of all files of a large commit. */
  requestBytes: 1024 ** 2,
  /** Room for a list of 10,000 tasks. Beyond that an answer is refused, not cut: half a JSON document is none. */
  replyBytes: 8 * 1024 ** 2,
  /** For the whole of a request, from the connection on. */
  requestMs: 5000,
  /** For the reader of a reply. */
  replyMs: 5000,
  /** For the work of a command: another machine may hold a lock for half a minute. */
  workMs: 45_000,
  /** Commands per second in the long run, and at once. */
  rate: 30,
  burst: 60,
  /** A command that would have to wait longer for its turn by that is refused. */
  delayMs: 2000,
} as const;
