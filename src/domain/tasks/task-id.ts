/** What stands before the dash of an id, and of a file's name in the pool: never anything of a path. */
const PREFIX = /^[A-Z][A-Z0-9]{0,9}$/;
/** Numbers stay whole ones however many are added. */
const ID = /^([A-Z][A-Z0-9]{0,9})-([1-9]\d{0,14})$/;

export const MAX_TASK_NUMBER = 999_999_999_999_999;

export function isTaskPrefix(text: string): boolean {
  return PREFIX.test(text);
}

/** Whether a name in the pool is a task's: exactly as ids are written. */
export function isTaskId(text: string): boolean {
  return ID.test(text);
}

/** Reads what people type for an id, in either case; undefined for anything that is none. */
export function parseTaskId(text: string): string | undefined {
  // Only ASCII: some letters become others in upper case.
  return /^[\w-]{1,40}$/.test(text) && isTaskId(text.toUpperCase()) ? text.toUpperCase() : undefined;
}

export function formatTaskId(prefix: string, number: number): string {
  return `${prefix}-${String(number)}`;
}

/** The number of an id. */
export function taskNumber(id: string): number {
  return Number(id.slice(id.indexOf("-") + 1));
}

/** By number, so that TSK-2 is before TSK-10; by prefix where that is the same. */
export function byTaskId(a: string, b: string): number {
  return taskNumber(a) - taskNumber(b) || (a < b ? -1 : a > b ? 1 : 0);
}
