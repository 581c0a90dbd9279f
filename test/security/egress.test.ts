import { execa } from "execa";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSandbox, type Sandbox } from "../support/sandbox.js";
import { ADDRESSES } from "./egress/addresses.js";
import { arrivedOf, parseOutcomes, strangersTo, type Outcomes } from "./egress/arrivals.js";
import { createPlan, type Plan } from "./egress/plan.js";
import { directProbes, type Surroundings } from "./egress/probes-direct.js";
import { permittedProbe, proxyProbes } from "./egress/probes-proxy.js";
import { canMakeRig, programText, startRig, type Rig } from "./egress/rig.js";

/** As the probes by the proxy expect it. */
const POLICY = '[egress]\nallow = ["exact.test", "*.allowed.test"]\n';
const PERMITTED = "connect an allowed name";

describe.skipIf(!canMakeRig)("from inside an agent", () => {
  let rig: Rig;
  let box: Sandbox;
  let agents: readonly Attached[];
  let proxy: Attached & { outside: string; outGateway: string };

  beforeAll(async () => {
    rig = await startRig({ rpFilter: 0 });
    box = await createSandbox({ host: rig });
    await box.setIdentity();
    await writeFile(path.join(box.repo, "devkit.toml"), POLICY);
    await rig.load(...(await images()));
    const up = await box.devkit("agent", "up", "2");
    if (up.exitCode !== 0) throw new Error(up.stderr);
    agents = [await attached("agent", "1"), await attached("agent", "2")];
    proxy = { ...(await attached("egress")), ...(await outsideOf("egress")) };
    await rig.serveIn(agents[1]?.id ?? "", "listen.pl", "agent", "tcp:9000", "udp:9000", "icmp", "tcp:443");
    await rig.serveIn(proxy.id, "listen.pl", "proxy-loopback", "tcp:127.0.0.1:443");
  });

  afterAll(async () => {
    await box.remove();
    await rig.stop();
  });

  test("nothing arrives but what the policy allows", async () => {
    const plan = planFor();
    const input = { stdin: "pipe", input: plan.input, timeout: 60_000 } as const;
    const { stdout } = await box.devkitWith(
      input,
      "exec",
      "1",
      "--",
      "perl",
      "-e",
      await programText("probe.pl"),
    );
    await expectOnlyPermitted(plan, parseOutcomes(stdout));
  });

  // What an agent would have that broke out of its missing rights: the network has to hold on its own.
  test("nor with a right to make packets by hand", async () => {
    const plan = planFor();
    const one = agents[0]?.id ?? "";
    const image = await rig.docker("inspect", "--format", "{{.Config.Image}}", one);
    const beside = ["run", "--rm", "-i", "--network", `container:${one}`, "--cap-add", "NET_RAW", image];
    const args = ["--host", rig.dockerHost, ...beside, "perl", "-e", await programText("probe.pl")];
    const { stdout } = await execa("docker", args, { input: plan.input });
    await expectOnlyPermitted(plan, parseOutcomes(stdout));
  });

  interface Attached {
    readonly id: string;
    /** By the name of the network: the container's address and the host's side. */
    readonly networks: Readonly<Record<string, { address: string; gateway: string }>>;
  }

  function planFor(): Plan {
    const [one, two] = agents;
    const [own, at] = Object.entries(one?.networks ?? {})[0] ?? [""];
    const [others, other] = Object.entries(two?.networks ?? {})[0] ?? [""];
    const gateway = at?.gateway ?? "";
    const around: Surroundings = {
      gateway,
      host: { public: ADDRESSES.hostPublic, private: ADDRESSES.hostPrivate, out: proxy.outGateway },
      proxy: proxy.networks[own]?.address ?? "",
      other: {
        address: other?.address ?? "",
        name: two?.id.slice(0, 12) ?? "",
        proxy: proxy.networks[others]?.address ?? "",
      },
      proxyOutside: proxy.outside,
    };
    const place = { host: "tinyproxy", port: "8888" };
    const places = { gateway, outGateway: proxy.outGateway, other: around.other.address };
    return createPlan([permittedProbe(place), ...directProbes(around), ...proxyProbes(place, places)]);
  }

  async function expectOnlyPermitted(plan: Plan, outcomes: Outcomes): Promise<void> {
    expect(outcomes.size).toBe(plan.probes.length);
    const arrivals = await rig.arrivals();
    expect(arrivedOf(plan, arrivals, outcomes)).toEqual([PERMITTED]);
    expect(strangersTo([plan], arrivals)).toEqual([]);
  }

  /** Built by the machine's engine, which has a way out. */
  async function images(): Promise<readonly string[]> {
    const builder = await createSandbox();
    try {
      const built = await builder.json("image", "build");
      const { reference, egress } = built.data as { reference: string; egress: { reference: string } };
      return ["debian:bookworm-slim", reference, egress.reference];
    } finally {
      await builder.remove();
    }
  }

  async function attached(role: string, index?: string): Promise<Attached> {
    const labels = [
      `label=dev.devkit.role=${role}`,
      ...(index === undefined ? [] : [`label=dev.devkit.index=${index}`]),
    ];
    const id = await rig.docker("ps", "-q", "--no-trunc", ...labels.flatMap((label) => ["--filter", label]));
    const shown = await rig.docker("inspect", "--format", "{{json .NetworkSettings.Networks}}", id);
    const networks = Object.entries(JSON.parse(shown) as Record<string, { IPAddress: string }>);
    const described = networks.map(async ([name, { IPAddress }]) => {
      const format = "{{.Internal}} {{(index .IPAM.Config 0).Subnet}}";
      const [internal = "", subnet = ""] = (
        await rig.docker("network", "inspect", "--format", format, name)
      ).split(" ");
      const gateway = subnet.replace(/\d+\/\d+$/, (end) => String(Number.parseInt(end, 10) + 1));
      return [name, { address: IPAddress, gateway, internal }] as const;
    });
    return { id, networks: Object.fromEntries(await Promise.all(described)) };
  }

  async function outsideOf(role: string): Promise<{ outside: string; outGateway: string }> {
    const { networks } = await attached(role);
    const out = Object.values(networks).find((each) => (each as { internal?: string }).internal === "false");
    return { outside: out?.address ?? "", outGateway: out?.gateway ?? "" };
  }
});
