import { createServer, type Server } from "node:http";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createOptions } from "../../../../src/adapters/docker/create-options.js";
import { createDockerEngine } from "../../../../src/adapters/docker/engine.js";
import { statusOf } from "../../../../src/adapters/docker/errors.js";
import { readNameServers } from "../../../../src/adapters/docker/name-servers.js";
import { foreignRoutes } from "../../../../src/app/egress/foreign-routes.js";
import type { ContainerSpec } from "../../../../src/domain/agents/container-spec.js";
import { parseCidr } from "../../../../src/domain/egress/cidr.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { specOf } from "../../support/things.js";
import { tempDir, thrownBy } from "../../support/temp.js";

const [DOCKER, PODMAN] = [false, true];

const spec = (change: Partial<ContainerSpec> = {}): ContainerSpec => ({
  ...specOf(agentAt(1)),
  user: "1000:1000",
  network: { name: "n", address: "10.213.0.3", dns: ["10.213.0.2"] },
  ...change,
});

describe("what is asked of an engine for a container", () => {
  test("Podman serves no names there, and takes no owner of a temporary file system", () => {
    const closed = spec({ readOnlyRoot: true });
    expect(createOptions(closed, DOCKER).HostConfig?.ExtraHosts).toBeUndefined();
    expect(createOptions(closed, DOCKER).HostConfig?.Tmpfs?.["/run"]).toContain("uid=1000");
    expect(createOptions(closed, PODMAN).HostConfig?.ExtraHosts).toEqual(["tinyproxy:10.213.0.2"]);
    expect(createOptions(closed, PODMAN).HostConfig?.Tmpfs?.["/run"]).toMatch(/^mode=1777,size=/);
  });

  test("only the way out is told of name servers, and only by Podman", () => {
    const told = (one: ContainerSpec, isPodman: boolean) =>
      createOptions(one, isPodman).Env?.some((entry) => entry.startsWith("EGRESS_NAME_SERVERS="));
    expect(told(spec(), PODMAN)).toBe(false);
    expect(told(spec({ isRouter: true }), DOCKER)).toBe(false);
  });
});

test("name servers on this machine's loopback are of no use in a container: the next file counts", async () => {
  const dir = await tempDir();
  const [stub, real] = [path.join(dir, "stub"), path.join(dir, "real")];
  await writeFile(stub, "nameserver 127.0.0.53\noptions edns0\n");
  await writeFile(real, "# x\nnameserver 10.1.1.1\nnameserver ::1\nnameserver fd00::1\n");
  expect(readNameServers([stub, real])).toEqual(["10.1.1.1", "fd00::1"]);
  expect(readNameServers([path.join(dir, "none")])).toEqual([]);
});

test.each([
  [500, "that name is already in use", 409],
  [500, "container state improper", 409],
  [500, "something else", 500],
  [404, "that name is already in use", 404],
])("status %i because %j counts as %i", (statusCode, cause, status) => {
  expect(statusOf(Object.assign(new Error("x"), { statusCode, json: { cause, message: "m" } }))).toBe(status);
});

test("nobody makes way for the route to an agent's own network, which Podman makes", () => {
  const routes = ["10.213.0.0/29", "10.213.0.0/16"].flatMap((text) => parseCidr(text) ?? []);
  const network = { id: "n", name: "n", subnet: "10.213.0.0/29", internal: true, projectId: "p" };
  const own = { ...network, agentName: "agent-1", root: undefined };
  expect(foreignRoutes(routes, [{ ...own, isRouted: true }])).toEqual(routes.slice(1));
  expect(foreignRoutes(routes, [own])).toEqual(routes);
});

describe("over a socket", () => {
  let server: Server;
  beforeEach(async () => {
    const socket = path.join(await tempDir(), "engine.sock");
    const networks = [{ Name: "n", Id: "0a1b", Internal: true, Labels: {} }];
    const containers = [
      {
        Id: "c",
        Names: ["/c"],
        State: "running",
        Status: "Up",
        Labels: {},
        NetworkSettings: { Networks: null },
      },
    ];
    server = createServer((request, response) => {
      response.setHeader("Server", "Libpod/4.3.1 (linux)");
      if (request.url?.includes("/_ping") === true) response.end("OK");
      else if (request.url?.includes("/info") === true)
        response.end(JSON.stringify({ SecurityOptions: ["name=seccomp,profile=default", "name=rootless"] }));
      else response.end(JSON.stringify(request.url?.includes("/networks") === true ? networks : containers));
    });
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    vi.stubEnv("DOCKER_HOST", `unix://${socket}`);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    server.close();
  });

  test("Podman's networks are known by their names, as its containers know them", async () => {
    const engine = createDockerEngine();
    expect(await engine.listNetworks(undefined)).toMatchObject([{ id: "n", isRouted: true }]);
    expect(await engine.listContainers("agent", undefined)).toMatchObject([{ networks: new Map() }]);
  });

  test("a rootless one is refused before anything is made in it", async () => {
    expect(await thrownBy(createDockerEngine().createContainer(spec()))).toMatchObject({
      code: "E_ENGINE_ROOTLESS",
      exitCode: 3,
    });
  });
});

test("an error says which engine was asked, and who named it", async () => {
  vi.stubEnv("DOCKER_HOST", "unix:///nowhere/engine.sock");
  expect(await thrownBy(createDockerEngine().info())).toMatchObject({
    code: "E_ENGINE_UNAVAILABLE",
    message: "no container engine answers at unix:///nowhere/engine.sock (DOCKER_HOST)",
  });
  vi.stubEnv("DOCKER_HOST", "ssh://me@far");
  expect(await thrownBy(createDockerEngine().listSubnets())).toMatchObject({ code: "E_ENGINE_ADDRESS" });
  vi.unstubAllEnvs();
});
