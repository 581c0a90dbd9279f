import { execa } from "execa";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createFakeInternet } from "../support/fake-internet.js";
import { createSandbox, type Document, type Sandbox } from "../support/sandbox.js";

let box: Sandbox;

beforeAll(async () => {
  box = await createSandbox();
  await box.setIdentity();
  // Nobody has a name that ends so: should anything let it through, no packet leaves this machine.
  await writeFile(
    path.join(box.repo, "devkit.toml"),
    '[egress]\nallow = ["allowed.invalid", "*.wild.invalid"]\n',
  );
  expect(await box.devkit("agent", "up", "2")).toMatchObject({ exitCode: 0 });
});

afterAll(async () => {
  const filter = ["--filter", `label=dev.devkit.root=${box.repo}`];
  await box.remove();
  const { stdout } = await execa("docker", ["network", "ls", "-q", ...filter]);
  if (stdout !== "") await execa("docker", ["network", "rm", ...stdout.split("\n")]);
});

const docker = async (...args: string[]) => (await execa("docker", args)).stdout.trim();
const nameOf = async (end: string) => {
  const filter = ["--filter", `label=dev.devkit.root=${box.repo}`, "--format", "{{.Names}}"];
  return (await docker("ps", "-a", ...filter)).split("\n").find((name) => name.endsWith(`-${end}`)) ?? "";
};

interface Leak {
  readonly agent: string;
  readonly code: string;
  readonly message: string;
}

const leaksOf = ({ error }: Document) => (error?.details["failed"] ?? []) as Leak[];
const namesOf = (document: Document, agent: string) =>
  leaksOf(document)
    .filter((leak) => leak.agent === agent)
    .map(({ code }) => code);

async function expectTight(...args: string[]): Promise<void> {
  const document = await box.json("egress", "test", ...args);
  expect(leaksOf(document)).toEqual([]);
  expect(document).toMatchObject({ ok: true, exitCode: 0, warnings: [] });
}

describe("a project that is as it should be", () => {
  test("is tight: everything is tried, from every agent, and nothing gets through", async () => {
    const started = performance.now();
    const document = await box.json("egress", "test");
    expect(document).toMatchObject({ exitCode: 0, warnings: [] });
    expect(performance.now() - started).toBeLessThan(20_000);
    const agents = document.data.agents as {
      name: string;
      egress: string;
      probes: Record<string, string>[];
    }[];
    expect(agents.map(({ name, egress }) => [name, egress])).toEqual([
      ["agent-1", "running"],
      ["agent-2", "running"],
    ]);
    for (const { probes } of agents) {
      const groups = new Set(probes.map(({ group }) => group));
      expect([...groups]).toEqual(["outside", "host", "agents", "names", "proxy", "engine"]);
      expect(probes.filter(({ verdict }) => verdict !== "blocked")).toEqual([]);
      const detailOf = (id: string) => probes.find((one) => one["id"] === id)?.["detail"];
      // Blocked, because somebody has said no: not because nobody was there.
      expect(detailOf("dns-resolver")).toMatch(/^10 answered \(NXDOMAIN 0 answers 0 authority\)$/);
      expect(detailOf("proxy-denied-name")).toMatch(/^6 answered \(HTTP\/1\.1 403 Filtered\)$/);
    }
  });

  test("is told in a table, of the agents that were named", async () => {
    const { exitCode, stdout } = await box.devkit("egress", "test", "2");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^AGENT +OUTSIDE +HOST +AGENTS +NAMES +PROXY +ENGINE +VERDICT\nagent-2 /);
    expect(stdout).toMatch(/ nothing gets out$/);
    expect(stdout).not.toContain("agent-1 ");
  });

  test("keeps no container of it", async () => {
    expect(
      await docker(
        "ps",
        "-aq",
        "--filter",
        "label=dev.devkit.role=helper",
        "--filter",
        `label=dev.devkit.root=${box.repo}`,
      ),
    ).toBe("");
  });
});

// Each says all that leaks, so that what one of them made and did not take away fails the next; the last looks once more.
describe("a leak is named", () => {
  // Sealed, none of these would be one; that is what the first tests show. Here the seal has failed too.
  beforeAll(async () => {
    const image = await docker("inspect", "-f", "{{.Image}}", await nameOf("egress"));
    const alone = [
      "--rm",
      "--user",
      "0",
      "--cap-drop",
      "ALL",
      "--cap-add",
      "NET_ADMIN",
      "--entrypoint",
      "nft",
    ];
    for (const agent of ["agent-1", "agent-2"]) {
      const network = `container:${await nameOf(agent)}`;
      await docker("run", ...alone, "--network", network, image, "delete", "table", "inet", "devkit");
    }
  });

  test("a way out around the proxy", async () => {
    const image = await docker("inspect", "-f", "{{.Image}}", await nameOf("egress"));
    const internet = await createFakeInternet(image);
    try {
      await docker("network", "connect", internet.network, await nameOf("agent-1"));
      const document = await box.json("egress", "test");
      expect(document.error).toMatchObject({ code: "E_EGRESS_LEAK", exitCode: 1 });
      expect(namesOf(document, "agent-1")).toEqual([
        ...["outside-tcp", "outside-udp", "outside-ping", "metadata", "gateway", "dns-direct", "networks"],
      ]);
      expect(namesOf(document, "agent-2")).toEqual([]);
      expect(leaksOf(document).at(-1)?.message).toContain(`it is on the network ${internet.network}`);
      const { exitCode, stdout, stderr } = await box.devkit("egress", "test", "1");
      expect([exitCode, stdout]).toEqual([1, ""]);
      expect(stderr).toMatch(/error: 7 leaks \(agent-1: outside-tcp, outside-udp, .* and 2 more\)/);
      expect(stderr).toMatch(
        / {2}agent-1: metadata \(.*\): refused, so packets arrive: 169\.254\.169\.254:80\n/,
      );
      expect(stderr).toContain(
        `hint: docker network disconnect ${internet.network} ${await nameOf("agent-1")}`,
      );
    } finally {
      await execa("docker", ["network", "disconnect", "-f", internet.network, await nameOf("agent-1")], {
        reject: false,
      });
      await internet.remove();
    }
  });

  test("an internal network whose gateway is the host", async () => {
    const network = `${await nameOf("agent-1")}-hole`;
    // Internal: from here packets get to the host, and no further.
    await docker("network", "create", "--internal", network);
    try {
      await docker("network", "connect", network, await nameOf("agent-1"));
      const gateway = await docker("network", "inspect", "-f", "{{(index .IPAM.Config 0).Gateway}}", network);
      const document = await box.json("egress", "test", "1");
      expect(namesOf(document, "agent-1")).toEqual(expect.arrayContaining([`host-${gateway}`, "networks"]));
      expect(namesOf(document, "agent-1").filter((name) => name.startsWith("outside"))).toEqual([]);
    } finally {
      await execa("docker", ["network", "disconnect", "-f", network, await nameOf("agent-1")], {
        reject: false,
      });
      await docker("network", "rm", network);
    }
  });

  test("a proxy that allows everything", async () => {
    const egress = await nameOf("egress");
    const config = await docker(
      "inspect",
      "-f",
      '{{range .Mounts}}{{if eq .Destination "/etc/egress"}}{{.Source}}{{end}}{{end}}',
      egress,
    );
    const applied = path.join(path.dirname(config), "audit/applied");
    const [allow, generation] = [path.join(config, "agents/agent-1/allow"), path.join(config, "generation")];
    const before = { allow: await readFile(allow, "utf8"), generation: await readFile(generation, "utf8") };
    const apply = async (rules: string, mark: string) => {
      await writeFile(allow, rules);
      await writeFile(generation, mark);
      await docker("kill", "-s", "USR1", egress);
      // The file is away while the egress reads the policy anew.
      const inForce = () => readFile(applied, "utf8").catch(() => undefined);
      await box.until(async () => (await inForce()) === mark);
    };
    const [outward = ""] = (
      await docker(
        "inspect",
        "-f",
        "{{range $name, $_ := .NetworkSettings.Networks}}{{$name}} {{end}}",
        egress,
      )
    )
      .split(" ")
      .filter((name) => name.endsWith("-out"));
    // So that what is let through ends in the egress container itself.
    await docker("network", "disconnect", outward, egress);
    try {
      await apply("0 .\n", "opened\n");
      const document = await box.json("egress", "test");
      expect(document.error?.code).toBe("E_EGRESS_LEAK");
      expect(namesOf(document, "agent-1")).toEqual([
        ...["proxy-loopback", "proxy-metadata", "proxy-address", "proxy-stats", "proxy-denied-name"],
        ...["proxy-plain-http", "proxy-allowed-port", "proxy-disguise"],
      ]);
      expect(namesOf(document, "agent-2")).toEqual([]);
      expect(document.error?.hint).toMatch(/devkit doctor.*devkit agent up 2.*devkit agent down/);
      const told = leaksOf(document)
        .map(({ message }) => message)
        .join("\n");
      // Where something answers, and where only the policy has let it through.
      expect(told).toMatch(/answered by the proxy with 200: CONNECT 127\.0\.0\.1:53/);
      expect(told).toMatch(
        /allowed by the proxy's policy \(50\d\): CONNECT devkit-probe-[0-9a-f]+\.invalid:443/,
      );
    } finally {
      await apply(before.allow, before.generation);
      await docker("network", "connect", outward, egress);
    }
  });

  test("an agent on another agent's network, from both sides", async () => {
    const [one, two] = [await nameOf("agent-1"), await nameOf("agent-2")];
    // An agent's network is called as its container is.
    await docker("network", "connect", two, one);
    try {
      const document = await box.json("egress", "test");
      const addresses = async (name: string) =>
        docker("inspect", "-f", `{{(index .NetworkSettings.Networks "${two}").IPAddress}}`, name);
      const egress = await nameOf("egress");
      expect(namesOf(document, "agent-1")).toEqual([
        `agent-2-${await addresses(two)}`,
        `egress-${await addresses(egress)}`,
        "networks",
      ]);
      expect(namesOf(document, "agent-2")).toEqual([`agent-1-${await addresses(one)}`, "networks"]);
      const told = leaksOf(document).filter(({ code }) => code === "networks");
      expect(told.map(({ message }) => message)).toEqual([
        expect.stringContaining(`it is on the network ${two}`),
        expect.stringContaining("agent-1 is on its network"),
      ]);
    } finally {
      await docker("network", "disconnect", "-f", two, one);
    }
    await expectTight();
  });
});

describe("what is no leak", () => {
  test("an egress container that is down, which is said", async () => {
    await docker("stop", "-t", "1", await nameOf("egress"));
    const document = await box.json("egress", "test", "1");
    expect(document).toMatchObject({ ok: true, exitCode: 0 });
    expect(document.warnings).toEqual([
      expect.stringMatching(
        /^the egress container of agent-1 is exited, so it reaches nothing: devkit agent up 1$/,
      ),
    ]);
    expect(document.data.agents[0].egress).toBe("exited");
    expect((await box.devkit("agent", "up", "2")).exitCode).toBe(0);
    await expectTight();
  });

  test("what profiles allow: names under dns, and any name under open", async () => {
    for (const profile of ["dns", "open", "hardened"]) {
      expect(await box.devkit("--profile", profile, "agent", "up", "2", "--force")).toMatchObject({
        exitCode: 0,
      });
      await expectTight();
    }
    expect(await box.devkit("agent", "up", "2", "--force")).toMatchObject({ exitCode: 0 });
  });

  test("and agents that do not run cannot be tried, which is a failure", async () => {
    await box.devkit("agent", "down");
    expect(await box.json("egress", "test")).toMatchObject({
      exitCode: 1,
      error: { code: "E_AGENT_NOT_RUNNING", message: "no agent runs, so there is nothing to try" },
    });
    expect(await box.json("egress", "test", "2")).toMatchObject({
      exitCode: 1,
      error: { code: "E_AGENT_NOT_RUNNING" },
    });
    expect((await box.json("egress", "test", "9")).exitCode).toBe(4);
  });
});
