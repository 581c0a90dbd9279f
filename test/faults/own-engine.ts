import { execa } from "execa";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { spawn } from "node:child_process";
import { waitFor } from "../../src/base/wait.js";
import { removeCgroups } from "../security/egress/leftovers.js";
import type { FaultEngine } from "./world.js";

/** An engine that is ours to kill. */
export interface OwnEngine extends FaultEngine {
  /** Images of the machine's engine get into this one. */
  load(references: readonly string[]): Promise<void>;
  stop(): Promise<void>;
}

/** Starts one in the namespaces that world.sh has made. Its data are in memory, so that they go with them. */
export async function startOwnEngine(dir: string): Promise<OwnEngine> {
  const dockerHost = `unix://${dir}/engine.sock`;
  const docker = async (...args: readonly string[]) =>
    (await execa("docker", ["--host", dockerHost, ...args], { stdin: "ignore" })).stdout;
  const group = path.basename(dir);
  let daemon = startDaemon(dir, group);
  const untilReady = () =>
    waitFor(() => docker("version").catch(() => undefined), {
      deadlineMs: 90_000,
      intervalMs: 50,
      what: "the engine",
    });
  await untilReady();
  return {
    // With nothing to enter: we are in there ourselves.
    host: { dockerHost, enter: [] },
    docker,
    kill: (pid) => void process.kill(pid, "SIGKILL"),
    async killItself() {
      daemon.kill("SIGKILL");
      await ended(daemon);
      daemon = startDaemon(dir, group);
      await untilReady();
    },
    async load(references) {
      const script = 'set -o pipefail; host=$1; shift; docker save "$@" | docker --host "$host" load';
      const env = { ...process.env };
      await execa("bash", ["-c", script, "bash", dockerHost, ...references], { env });
    },
    async stop() {
      // It ends the containers that run, and what it keeps is in memory.
      daemon.kill("SIGTERM");
      await ended(daemon);
      await removeCgroups(group);
    },
  };
}

type Daemon = ReturnType<typeof spawn>;

function ended(daemon: Daemon): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => daemon.once("exit", () => resolve()));
}

function startDaemon(dir: string, group: string): Daemon {
  const here = path.join(dir, "here");
  const log = openSync(path.join(dir, "engine.log"), "a");
  const places = ["data-root", "exec-root"].flatMap((name) => [`--${name}`, path.join(here, name)]);
  const own = ["--config-file", path.join(here, "daemon.json"), "--pidfile", path.join(here, "pid")];
  const args = [...own, ...places, "--host", `unix://${dir}/engine.sock`, "--cgroup-parent", `/${group}`];
  const env = { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin` };
  const daemon = spawn("dockerd", [...args, "--exec-opt", "native.cgroupdriver=cgroupfs"], {
    ...{ env, stdio: ["ignore", log, log] },
  });
  closeSync(log);
  return daemon;
}

/** The end of what an engine that did not come up has said. */
export async function engineLog(dir: string): Promise<string> {
  return (await readFile(path.join(dir, "engine.log"), "utf8").catch(() => "")).slice(-2000);
}
