/** How large a task may be: agents write them too. Lengths are in characters, `file` in bytes. */
export const TASK_LIMITS = {
  file: 256 * 1024,
  title: 300,
  text: 16 * 1024,
  entry: 300,
  list: 100,
  notes: 500,
  /** Tasks of one import. */
  imported: 5000,
  /** How deep fields that nobody here knows may be nested. */
  depth: 20,
} as const;
