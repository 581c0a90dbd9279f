import { parseSize } from "../../base/sizes.js";
import type { SettingPath } from "../locate.js";
import { nameOf, type Reading } from "./reading.js";

/** A requirement is the least there must be: a higher limit below stays. */
export function readRequiredCpus(value: unknown, at: SettingPath, reading: Reading): void {
  const cpus = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
  if (typeof cpus !== "number" || !Number.isInteger(cpus) || cpus < 1)
    reading.refuse(at, `${nameOf(at)} must be a whole number of processors`);
  else if (cpus > reading.below.container.cpus) reading.set(["container", "cpus"], cpus, at);
}

export function readRequiredMemory(value: unknown, at: SettingPath, reading: Reading): void {
  const bytes = requiredBytes(value, at, reading);
  if (bytes !== undefined && bytes > reading.below.container.memory)
    reading.set(["container", "memory"], bytes, at);
}

export function readRequiredStorage(value: unknown, at: SettingPath, reading: Reading): void {
  const bytes = requiredBytes(value, at, reading);
  if (bytes !== undefined)
    reading.note(
      at,
      `whether the disk has room for ${String(value)} is not tested; agents have no limit of disk`,
    );
}

function requiredBytes(value: unknown, at: SettingPath, reading: Reading): number | undefined {
  const bytes = typeof value === "string" ? parseSize(value) : value;
  if (typeof bytes === "number" && Number.isSafeInteger(bytes)) return bytes;
  reading.refuse(at, `${nameOf(at)} must be a size such as "8gb"`);
  return undefined;
}
