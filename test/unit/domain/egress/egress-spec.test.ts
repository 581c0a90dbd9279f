import { describe, expect, test } from "vitest";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import {
  egressSpec,
  networkLabels,
  type EgressSpecInput,
} from "../../../../src/domain/egress/egress-spec.js";
import { LABELS } from "../../../../src/domain/identity/names.js";
import { egressPaths } from "../../../../src/domain/identity/project.js";
import { IMAGE_ID, PROJECT } from "../../support/things.js";

const INPUT: EgressSpecInput = {
  project: PROJECT,
  owner: undefined,
  imageId: IMAGE_ID,
  user: { uid: 1000, gid: 1001 },
  version: "0.1.0",
};
const hashOf = (change: Partial<EgressSpecInput>) =>
  egressSpec({ ...INPUT, ...change }).labels[LABELS.configHash];

describe("an egress container", () => {
  test("runs as the host's user on a root that it cannot write to, and forwards no packets", () => {
    expect(egressSpec(INPUT)).toMatchObject({
      user: "1000:1001",
      readOnlyRoot: true,
      isRouter: true,
      restarts: true,
      env: {},
    });
  });

  test("reads its configuration, can write its log, and sees nothing else of the host", () => {
    const { config, audit } = egressPaths(PROJECT, undefined);
    expect(egressSpec(INPUT).mounts).toEqual([
      { hostPath: config, containerPath: "/etc/egress", readOnly: true },
      { hostPath: `${config}/resolv.conf`, containerPath: "/etc/resolv.conf", readOnly: true },
      { hostPath: audit, containerPath: "/var/log/egress", readOnly: false },
    ]);
  });

  test("is made on its way out, with the engine's name servers; agents' networks are joined later", () => {
    expect(egressSpec(INPUT).network).toEqual({
      name: `devkit-${PROJECT.id}-egress-out`,
      address: undefined,
      dns: [],
    });
  });

  test("is found by its role, and is nobody's", () => {
    const { labels, name } = egressSpec(INPUT);
    expect(labels).toMatchObject({ [LABELS.role]: "egress", [LABELS.project]: PROJECT.id });
    expect([labels[LABELS.agent], labels[LABELS.index], name]).toEqual([
      undefined,
      undefined,
      `devkit-${PROJECT.id}-egress`,
    ]);
  });

  test("of one agent is that agent's in everything", () => {
    const spec = egressSpec({ ...INPUT, owner: agentAt(2) });
    expect(spec.name).toBe(`devkit-${PROJECT.id}-agent-2-egress`);
    expect(spec.labels).toMatchObject({ [LABELS.agent]: "agent-2", [LABELS.index]: "2" });
    expect(spec.network?.name).toBe(`devkit-${PROJECT.id}-agent-2-egress-out`);
    const shared = egressSpec(INPUT).mounts.map(({ hostPath }) => hostPath);
    expect(spec.mounts.filter(({ hostPath }) => shared.includes(hostPath))).toEqual([]);
  });

  test("is another one with another image, user or owner, not with another version of devkit", () => {
    expect(hashOf({ version: "9.9.9" })).toBe(hashOf({}));
    for (const change of [
      { imageId: `sha256:${"2".repeat(64)}` },
      { user: { uid: 1, gid: 1 } },
      { owner: agentAt(1) },
    ])
      expect(hashOf(change)).not.toBe(hashOf({}));
  });
});

test("a network is found by its role; an agent's names its agent, the way out of all names none", () => {
  const common = { [LABELS.project]: PROJECT.id, [LABELS.role]: "network", [LABELS.root]: "/src/demo" };
  expect(networkLabels(PROJECT, agentAt(3), "1")).toEqual({
    ...common,
    ...{ [LABELS.version]: "1", [LABELS.agent]: "agent-3", [LABELS.index]: "3" },
  });
  expect(networkLabels(PROJECT, undefined, "1")).toEqual({ ...common, [LABELS.version]: "1" });
});
