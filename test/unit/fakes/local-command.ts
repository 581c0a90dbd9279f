import { spawn } from "node:child_process";
import { constants } from "node:os";
import { existsSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { ExecRequest, ExecStreams } from "../../../src/app/ports-engine.js";
import type { ContainerSpec } from "../../../src/domain/agents/container-spec.js";

/** Runs a container's command as a process of this machine; resolves with its exit code, 128+n for a signal. */
export type RunCommand = (spec: ContainerSpec, request: ExecRequest, streams: ExecStreams) => Promise<number>;

/** The container paths in a text as the host paths that are mounted there, the deepest first. */
function toHost(text: string, { mounts }: ContainerSpec): string {
  const moved = mounts.filter((mount) => mount.containerPath !== mount.hostPath);
  const sorted = [...moved].sort((a, b) => b.containerPath.length - a.containerPath.length);
  const found = sorted.find(({ containerPath }) => text.includes(containerPath));
  return found === undefined ? text : text.replaceAll(found.containerPath, found.hostPath);
}

/** The same command, arguments and streams, but on the host, where a container's paths are the mounts' sources. */
export const runLocally: RunCommand = async (spec, request, streams) => {
  const workdir = toHost(request.workdir, spec);
  // The shell answers as the engine's does: 127 for a program that is not there, 126 for one that cannot be run.
  const child = spawn(
    "/bin/sh",
    ["-c", 'exec "$@"', "sh", ...request.argv.map((word) => toHost(word, spec))],
    {
      cwd: existsSync(workdir) ? workdir : "/",
      env: { PATH: process.env["PATH"], ...spec.env, HOME: "/nonexistent", ...request.env },
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
    },
  );
  streams.onSignals?.((signal) => {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  });
  child.stdin.on("error", () => undefined);
  if (streams.stdin === undefined) child.stdin.end();
  else streams.stdin.pipe(child.stdin);
  const ended = new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
  const copies = [
    pipeline(child.stdout, streams.stdout, { end: false }),
    pipeline(child.stderr, streams.stderr, { end: false }),
  ];
  await Promise.all(copies.map((copy) => copy.catch(() => undefined)));
  return ended;
};
