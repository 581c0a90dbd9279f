import { expect, test } from "vitest";
import { findGuests, findNeighbours, type Everyone } from "../../../../src/app/egress/neighbours.js";

type Member = Everyone[number];

const member = (role: Member["role"], agentName: string, places: Record<string, string>, projectId = "p") =>
  ({
    ...{ id: `${projectId} ${role} ${agentName}`, name: `devkit-${projectId}-${agentName || "egress"}` },
    ...{ state: "running", statusText: "Up", configHash: "", config: "", root: "/src", projectId, agentName },
    role,
    networks: new Map(
      Object.entries(places).map(([id, address]) => [id, { networkId: id, address: address || undefined }]),
    ),
  }) satisfies Member;

const own = member("agent", "agent-1", { n1: "10.0.0.3" });
const egress = member("egress", "", { n1: "10.0.0.2", n2: "10.0.0.10", out: "10.0.0.18" });
const other = member("agent", "agent-2", { n2: "10.0.0.11" });
const stranger = member("agent", "agent-1", { n9: "10.0.0.75" }, "q");
const everyone = [own, egress, other, stranger];

test("everybody is a neighbour at every address, but the agent and its egress on its network", () => {
  expect(findNeighbours(own, "n1", everyone)).toEqual([
    { who: "egress", address: "10.0.0.10" },
    { who: "egress", address: "10.0.0.18" },
    { who: "agent-2", address: "10.0.0.11" },
    { who: "devkit-q-agent-1", address: "10.0.0.75" },
  ]);
  expect(findGuests(own, "n1", everyone)).toEqual([]);
});

test("whoever is on the agent's network besides is a neighbour and a guest", () => {
  const intruder = member("agent", "agent-2", { n1: "10.0.0.4", n2: "10.0.0.11" });
  const foreign = member("egress", "agent-2", { n1: "10.0.0.5" });
  const all = [own, egress, intruder, foreign];
  expect(findGuests(own, "n1", all)).toEqual([
    { who: "agent-2", container: "devkit-p-agent-2" },
    { who: "egress of agent-2", container: "devkit-p-agent-2" },
  ]);
  expect(findNeighbours(own, "n1", all)).toEqual(
    expect.arrayContaining([
      { who: "agent-2", address: "10.0.0.4" },
      { who: "egress of agent-2", address: "10.0.0.5" },
    ]),
  );
});

test("an agent's own egress is no guest, and what has no address is nowhere", () => {
  const hardened = member("egress", "agent-1", { n1: "10.0.0.2", out: "" });
  expect(findGuests(own, "n1", [own, hardened])).toEqual([]);
  expect(findNeighbours(own, "n1", [own, hardened])).toEqual([]);
});
