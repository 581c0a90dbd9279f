import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { runProcess } from "./run-process.js";

/** Tells one process from a later one with the same pid, also across reboots and machines. */
export interface ProcessIdentity {
  readonly host: string;
  /** Changes with every boot; empty where the system does not tell. */
  readonly boot: string;
  readonly pid: number;
  /** When it started, in whatever unit the system gives. */
  readonly started: string;
}

let own: Promise<ProcessIdentity> | undefined;

export function ownIdentity(): Promise<ProcessIdentity> {
  own ??= identityOf(process.pid);
  return own;
}

/** Of a process of this machine that runs. */
export async function identityOf(pid: number): Promise<ProcessIdentity> {
  return { host: hostname(), boot: await bootId(), pid, started: (await startTime(pid)) ?? "" };
}

/** Whether that process still runs. One of another machine counts as alive: nothing here can tell. */
export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  if (identity.host !== hostname()) return true;
  if (identity.boot !== (await bootId())) return false;
  return (await startTime(identity.pid)) === identity.started;
}

async function bootId(): Promise<string> {
  return (await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => "")).trim();
}

async function startTime(pid: number): Promise<string | undefined> {
  if (process.platform !== "linux") return (await psStartTime(pid)) || undefined;
  const stat = await readFile(`/proc/${String(pid)}/stat`, "utf8").catch(() => undefined);
  // The command in parentheses may hold spaces; the start time is the 22nd field, the state (Z: ended) the third.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields?.[0] === "Z" ? undefined : fields?.[19];
}

async function psStartTime(pid: number): Promise<string> {
  const result = await runProcess("ps", ["-o", "lstart=", "-p", String(pid)]);
  return result.stdout.trim();
}
