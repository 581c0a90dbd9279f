import { createServer, type Server } from "node:net";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createDockerEngine } from "../../../../src/adapters/docker/engine.js";
import { timelyEngine } from "../../../../src/app/health/timely-engine.js";
import { tempDir, thrownBy } from "../../support/temp.js";

let server: Server;
let connections: number;

/** An engine that takes connections and answers nothing, as Docker 20.10 has been seen to. */
beforeEach(async () => {
  const socket = path.join(await tempDir(), "engine.sock");
  connections = 0;
  server = createServer(() => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  vi.stubEnv("DOCKER_HOST", `unix://${socket}`);
});

afterEach(() => {
  vi.unstubAllEnvs();
  server.close();
});

test("an engine that answers nothing is given up, and asked nothing more", async () => {
  const { engine, info } = timelyEngine(createDockerEngine(), 1000);
  const error = {
    code: "E_ENGINE_UNAVAILABLE",
    message: expect.stringContaining("does not answer") as string,
  };
  expect(await thrownBy(info())).toMatchObject(error);
  const asked = connections;
  expect(asked).toBeGreaterThan(0);
  expect(await thrownBy(engine.listContainers("agent", "demo-1"))).toMatchObject(error);
  expect(await thrownBy(engine.listSubnets())).toMatchObject(error);
  expect(connections).toBe(asked);
});
