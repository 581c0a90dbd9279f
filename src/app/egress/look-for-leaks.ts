import { DevkitError } from "../../base/errors.js";
import { createTextSink } from "../../base/text-sink.js";
import { showText } from "../../base/show-text.js";
import type { ProbeResult } from "../../domain/egress/judge-probes.js";
import type { RunningAgent } from "../agents/exec.js";
import type { Engine, LabelledNetwork } from "../ports-engine.js";
import { findGuests, type Everyone } from "./neighbours.js";

/** Where container engines have their sockets. */
const SOCKETS = [
  ...["/var/run/docker.sock", "/run/docker.sock", "/run/user/*/docker.sock", "/run/docker/*.sock"],
  ...["/run/podman/podman.sock", "/var/run/podman/podman.sock", "/run/user/*/podman/podman.sock"],
  ...["/run/containerd/containerd.sock", "/run/crio/crio.sock", "/run/buildkit/buildkitd.sock"],
];
const LOOK = `for file in ${SOCKETS.join(" ")} "\${DOCKER_HOST#unix://}"; do [ ! -S "$file" ] || echo "$file"; done`;
const PATIENCE_MS = 5000;

/** Looks in the agent itself for what would make it the host's master. */
export async function lookInside(
  engine: Engine,
  { agent, container }: RunningAgent,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const found = createTextSink(10_000);
  const patience = new AbortController();
  const timer = setTimeout(() => {
    patience.abort(
      new DevkitError("E_TIMEOUT", `${agent.name} does not answer`, { hint: "devkit agent list" }),
    );
  }, PATIENCE_MS);
  const streams = {
    ...{ stdin: undefined, stdout: found.stream, stderr: createTextSink(0).stream },
    signal: AbortSignal.any([signal, patience.signal]),
  };
  try {
    const request = { argv: ["/bin/sh", "-c", LOOK], env: {}, workdir: "/", tty: false };
    const exitCode = await engine.exec(container.id, request, streams);
    if (exitCode !== 0)
      throw new DevkitError("E_EGRESS", `nobody can look into ${agent.name}`, {
        hint: `see whether it answers: devkit exec ${String(agent.index)} -- true`,
        details: { exitCode },
      });
  } finally {
    clearTimeout(timer);
  }
  const sockets = [...new Set(found.text().split("\n").filter(Boolean).map(showText))];
  return {
    ...{ id: "engine-socket", group: "engine", tried: "the engine's socket inside the agent" },
    verdict: sockets.length > 0 ? "leaked" : "blocked",
    detail: sockets.length > 0 ? `it has ${sockets.join(", ")}` : "there is none",
  };
}

/** What the engine itself says: an agent is on its own network, and nobody else is but its egress. */
export function lookAtNetworks(
  { container }: RunningAgent,
  own: LabelledNetwork | undefined,
  everyone: Everyone,
): ProbeResult {
  const others = [...container.networks].filter(
    ([name, { networkId }]) => networkId !== own?.id && name !== "none",
  );
  const guests = own === undefined ? [] : findGuests(container, own.id, everyone);
  const faults = [
    ...others.map(([name]) => `it is on the network ${name}`),
    ...guests.map(({ who }) => `${who} is on its network`),
  ];
  const common = { id: "networks", group: "engine", tried: "networks that are not its own" } as const;
  if (faults.length === 0) return { ...common, verdict: "blocked", detail: "there is none" };
  const fixes = [
    ...others.map(([name]) => `docker network disconnect ${name} ${container.name}`),
    ...guests.map((guest) => `docker network disconnect ${own?.name ?? ""} ${guest.container}`),
  ];
  return { ...common, verdict: "leaked", detail: faults.join("; "), fix: fixes.join(" && ") };
}
