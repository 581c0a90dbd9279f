import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { findEnginePlace, findOtherSockets } from "../../../../src/adapters/docker/find-engine-place.js";
import { tempDir } from "../../support/temp.js";

let home: string;

beforeEach(async () => {
  home = await tempDir();
});

const idOf = (name: string) => createHash("sha256").update(name).digest("hex");

async function write(file: string, text: string): Promise<void> {
  await mkdir(path.dirname(path.join(home, file)), { recursive: true });
  await writeFile(path.join(home, file), text);
}

/** As `docker context create` writes it. */
async function createContext(name: string, host: string, change: object = {}): Promise<void> {
  const meta = { Name: name, Metadata: {}, Endpoints: { docker: { Host: host, ...change } } };
  await write(`.docker/contexts/meta/${idOf(name)}/meta.json`, JSON.stringify(meta));
}

const choose = (name: string) => write(".docker/config.json", JSON.stringify({ currentContext: name }));

function codeOf(env: Record<string, string>): unknown {
  try {
    return findEnginePlace(env, home);
  } catch (error) {
    return error;
  }
}

describe("which engine it is", () => {
  test("with nothing said: the usual socket", () => {
    expect(findEnginePlace({ DOCKER_HOST: "", DOCKER_CONTEXT: "" }, home)).toEqual({
      url: "unix:///var/run/docker.sock",
      from: "the usual place",
      socket: "/var/run/docker.sock",
      tls: undefined,
    });
  });

  test("DOCKER_HOST before DOCKER_CONTEXT before docker context use", async () => {
    await createContext("colima", "unix:///colima.sock");
    await createContext("desktop-linux", "unix:///desktop.sock");
    await choose("colima");
    expect(findEnginePlace({}, home)).toMatchObject({ socket: "/colima.sock", from: "the context colima" });
    const asked = { DOCKER_CONTEXT: "desktop-linux" };
    expect(findEnginePlace(asked, home)).toMatchObject({
      socket: "/desktop.sock",
      from: "DOCKER_CONTEXT=desktop-linux",
    });
    const named = { ...asked, DOCKER_HOST: "unix:///run/podman/podman.sock" };
    expect(findEnginePlace(named, home)).toMatchObject({
      socket: "/run/podman/podman.sock",
      from: "DOCKER_HOST",
    });
    expect(findEnginePlace({ DOCKER_CONTEXT: "default" }, home).socket).toBe("/var/run/docker.sock");
  });

  test("DOCKER_CONFIG is another place for contexts", async () => {
    await createContext("colima", "unix:///colima.sock");
    const env = { DOCKER_CONFIG: path.join(home, ".docker"), DOCKER_CONTEXT: "colima" };
    expect(findEnginePlace(env, "/nowhere").socket).toBe("/colima.sock");
  });

  test.each([
    ["tcp://127.0.0.1:2375", "tcp://127.0.0.1:2375"],
    ["10.1.2.3:2375", "tcp://10.1.2.3:2375"],
    ["unix://", "unix:///var/run/docker.sock"],
  ])("%s is %s", (host, url) => {
    expect(findEnginePlace({ DOCKER_HOST: host }, home).url).toBe(url);
  });
});

describe("keys", () => {
  test("of a context over tcp are those that docker keeps for it", async () => {
    await createContext("far", "tcp://far:2376");
    expect(findEnginePlace({ DOCKER_CONTEXT: "far" }, home).tls).toBeUndefined();
    for (const name of ["ca", "cert", "key"])
      await write(`.docker/contexts/tls/${idOf("far")}/docker/${name}.pem`, name);
    const { tls } = findEnginePlace({ DOCKER_CONTEXT: "far" }, home);
    expect([tls?.ca, tls?.cert, tls?.key].map(String)).toEqual(["ca", "cert", "key"]);
    expect(tls?.verify).toBe(true);
    await createContext("far", "tcp://far:2376", { SkipTLSVerify: true });
    expect(findEnginePlace({ DOCKER_CONTEXT: "far" }, home).tls?.verify).toBe(false);
  });

  test("of DOCKER_HOST are used where DOCKER_TLS_VERIFY asks for it, from DOCKER_CERT_PATH", async () => {
    await write("keys/ca.pem", "own");
    const env = { DOCKER_HOST: "tcp://far:2376", DOCKER_CERT_PATH: path.join(home, "keys") };
    expect(findEnginePlace(env, home).tls).toBeUndefined();
    const { tls } = findEnginePlace({ ...env, DOCKER_TLS_VERIFY: "1" }, home);
    expect([String(tls?.ca), tls?.verify]).toEqual(["own", true]);
    expect(findEnginePlace({ ...env, DOCKER_TLS: "1" }, home).tls?.verify).toBe(false);
  });
});

describe("is refused, with what to type", () => {
  test.each([
    ["over ssh", { DOCKER_HOST: "ssh://me@far" }, /not use an engine over ssh/, /run devkit on the engine's/],
    ["no address", { DOCKER_HOST: "npipe:////./pipe/x" }, /no address of an engine/, /unix:\/\//],
    ["no such context", { DOCKER_CONTEXT: "gone" }, /no docker context "gone"/, /docker context ls/],
    [
      "no keys",
      { DOCKER_HOST: "tcp://far:2376", DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: "/nowhere" },
      /has no ca\.pem/,
      /DOCKER_CERT_PATH/,
    ],
  ])("%s", (_, env, message, hint) => {
    expect(codeOf(env)).toMatchObject({
      code: "E_ENGINE_ADDRESS",
      exitCode: 2,
      message: expect.stringMatching(message) as string,
      hint: expect.stringMatching(hint) as string,
    });
  });

  test("a file of docker's that cannot be read", async () => {
    await write(".docker/config.json", "{");
    expect(codeOf({})).toMatchObject({ code: "E_ENGINE_ADDRESS" });
    // Who names the engine does not need it.
    expect(findEnginePlace({ DOCKER_HOST: "unix:///x.sock" }, home).socket).toBe("/x.sock");
  });
});

test("sockets that nothing names are found for whoever finds none", async () => {
  await write("run/podman/podman.sock", "");
  await write(".colima/default/docker.sock", "");
  const runtime = { XDG_RUNTIME_DIR: path.join(home, "run") };
  const others = findOtherSockets(runtime, home, { url: "", from: "", socket: "/var/run/docker.sock" });
  expect(others).toEqual(
    expect.arrayContaining([
      path.join(home, "run/podman/podman.sock"),
      path.join(home, ".colima/default/docker.sock"),
    ]),
  );
  expect(others).not.toContain("/var/run/docker.sock");
});
