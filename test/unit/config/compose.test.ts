import path from "node:path";
import { describe, expect, it } from "vitest";
import { FILE, projectWith, service, settingsOf } from "./compose-project.js";
import { createProject, errorOf, HOME } from "./temp-project.js";

describe("a Compose file", () => {
  it("is read as settings, every key that is taken", async () => {
    const project = await projectWith(
      `name: ours
version: "3.9"
x-shared: { anything: [goes] }
volumes:
  modules:
services:
  agent:
    x-note: here too
    build:
      context: docker
      dockerfile: agent.Dockerfile
      args: { VARIANT: slim, N: 010 }
      target: dev
    environment:
      TZ: UTC
      PORT: 8080
      VERSION: 1.10
      MINE:
      NOT_MINE:
      DOLLAR: a$$b
    env_file:
      - .env
      - { path: ~/more.env, required: true }
    volumes:
      - ../data:/data:ro
      - modules:/workspace/node_modules
      - { type: bind, source: data, target: /data2 }
      - type: volume
        source: cache
        target: /cache/
        read_only: true
    working_dir: /workspace/app
    command: sh -c 'sleep  1' "a \\"b\\"" c\\ d ''
    user: agent
    mem_limit: 1.5gb
    cpus: "0.50"
    pids_limit: 300
`,
      { MINE: "the user's" },
    );
    const { settings, files } = await project.load(["x"]);
    expect(files).toEqual([path.join(project.root, FILE)]);
    expect(settings.image).toMatchObject({
      dockerfile: `${project.root}/docker/agent.Dockerfile`,
      context: `${project.root}/docker`,
      args: { VARIANT: "slim", N: "010" },
      target: "dev",
    });
    expect(settings.container).toMatchObject({
      env: { TZ: "UTC", PORT: "8080", VERSION: "1.10", MINE: "the user's", DOLLAR: "a$b" },
      env_file: [`${project.root}/.env`, `${HOME}/more.env`],
      mounts: [
        `${path.dirname(project.root)}/data:/data:ro`,
        "modules:/workspace/node_modules",
        `${project.root}/data:/data2`,
        "cache:/cache:ro",
      ],
      workdir: "/workspace/app",
      command: ["sh", "-c", "sleep  1", 'a "b"', "c d", ""],
      user: "agent",
      memory: 1536 * 1024 ** 2,
      cpus: 0.5,
      pids: 300,
    });
    expect(settings.container.env).not.toHaveProperty("NOT_MINE");
  });

  it("has an image, lists, and limits below deploy as well", async () => {
    const { image, container } = await settingsOf(
      service(
        "image: node:22-bookworm",
        "environment: [A=1, B=x=y, MINE, NOT_MINE]",
        "command: [npm, start, 3]",
        "env_file: ./one.env",
        "deploy: { resources: { limits: { memory: 1g, cpus: '2', pids: 100 } } }",
      ),
      { MINE: "m" },
    );
    expect(image.base).toBe("node:22-bookworm");
    expect(container).toMatchObject({
      env: { A: "1", B: "x=y", MINE: "m" },
      command: ["npm", "start", "3"],
      memory: 1024 ** 3,
      cpus: 2,
      pids: 100,
    });
  });

  it("builds in a context that is said alone", async () => {
    const project = await projectWith(service("build: ./docker"));
    expect((await project.load(["x"])).settings.image).toMatchObject({
      context: `${project.root}/docker`,
      dockerfile: `${project.root}/docker/Dockerfile`,
    });
  });

  it("takes paths from the repository's root, as Compose takes those of all files from the first one's place", async () => {
    const project = await createProject();
    await project.write(
      ".devkit-overlays/agent2/compose.override.yml",
      service("volumes: [../agent2/repo:/workspace]"),
    );
    const { settings, settingsOf } = await project.load();
    expect(settings.container.mounts).toEqual([]);
    expect(settingsOf({ index: 1, name: "agent-1" }).container.mounts).toEqual([]);
    expect(settingsOf({ index: 2, name: "agent-2" }).container.mounts).toEqual([
      `${path.dirname(project.root)}/agent2/repo:/workspace`,
    ]);
  });

  it("is the layer below an overlay.toml beside it", async () => {
    const project = await projectWith(service("mem_limit: 1g", "cpus: 3", "environment: { A: low, B: low }"));
    await project.write("shipped/x/overlay.toml", "[container]\ncpus = 4\nenv = { A = 'high' }\n");
    const { settings, origins, files } = await project.load(["x"], { positions: true });
    expect(settings.container).toMatchObject({ memory: 1024 ** 3, cpus: 4, env: { A: "high", B: "low" } });
    expect(files.map((file) => path.basename(file))).toEqual(["compose.override.yml", "overlay.toml"]);
    const low = { source: "overlay", overlay: "x", file: FILE };
    expect(origins.get("container.memory")).toEqual({ ...low, line: 3, column: 5 });
    expect(origins.get("container.env.B")).toEqual({ ...low, line: 5, column: 28 });
    expect(origins.get("container.cpus")).toMatchObject({ file: "shipped/x/overlay.toml", line: 2 });
  });

  it("may be called .yaml, but not both", async () => {
    const project = await createProject();
    await project.write("shipped/x/compose.override.yaml", service("pids_limit: 99"));
    expect((await project.load(["x"])).settings.container.pids).toBe(99);
    await project.write(FILE, service("pids_limit: 98"));
    const error = await errorOf(project.load(["x"]));
    expect(error).toMatchObject({ code: "E_CONFIG", hint: "keep one of the two" });
    expect(error.message).toBe("shipped/x/compose.override.yaml: there is a compose.override.yml beside it");
  });

  it("has anchors, aliases and merge keys", async () => {
    const { container } = await settingsOf(`x-one: &one { A: one, B: one }
x-two: &two { B: two, C: two }
x-limits: &limits
  mem_limit: &memory 2g
  cpus: 1
services:
  agent:
    <<: *limits
    cpus: 3
    environment:
      <<: [*one, *two]
      D: *memory
`);
    expect(container).toMatchObject({
      memory: 2 * 1024 ** 3,
      cpus: 3,
      env: { A: "one", B: "one", C: "two", D: "2g" },
    });
  });

  it("takes variables in any of its values", async () => {
    const { image, container } = await settingsOf(
      service(
        "image: ${IMAGE:-debian}:${TAG}",
        "mem_limit: ${MEMORY:-1g}",
        "cpus: ${CPUS:-4}",
        "volumes: ['${DATA:-data}:/data']",
      ),
      { TAG: "12", CPUS: "2" },
    );
    expect(image.base).toBe("debian:12");
    expect(container).toMatchObject({ memory: 1024 ** 3, cpus: 2, mounts: ["data:/data"] });
  });
});
