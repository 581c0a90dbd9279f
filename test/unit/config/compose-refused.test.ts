import { describe, expect, it } from "vitest";
import { FILE, projectWith, refused, service, settingsOf } from "./compose-project.js";
import { errorOf } from "./temp-project.js";

describe("what a Compose file cannot have", () => {
  const outside = "is not part of what devkit takes of the Compose specification";
  const network = "each agent has a network of its own; [egress] allow says what it reaches";
  const hold = "it would give agents a hold on this machine";
  it.each([
    // [lines of the service, line, column, message, hint]
    ["privileged: true", 3, 5, `privileged ${outside}`, hold],
    ["devices: [/dev/kvm]", 3, 5, `devices ${outside}`, hold],
    ["pid: host", 3, 5, `pid ${outside}`, hold],
    ["network_mode: host", 3, 5, `network_mode ${outside}`, network],
    ["networks: [a]", 3, 5, `networks ${outside}`, network],
    ["ports: ['80:80']", 3, 5, `ports ${outside}`, "use [ports] publish in overlay.toml"],
    ["volumes_from: [a]", 3, 5, `volumes_from ${outside}`, "no container shares another one's files"],
    ["imag: x", 3, 5, `imag ${outside}`, 'did you mean "image"?'],
    ["constructor: x", 3, 5, `constructor ${outside}`, expect.stringMatching(/^there are: image, build, /)],
    ["mem_limit: lots", 3, 16, expect.stringMatching(/^mem_limit must be a size .*, not "lots"$/), undefined],
    ["cpus: many", 3, 11, 'cpus must be a number of at least 0.01, not "many"', undefined],
    ["pids_limit: -1", 3, 17, expect.stringMatching(/^pids_limit must be a whole number from 16/), undefined],
    ["image: a b", 3, 12, expect.stringMatching(/^image must be the name of an image/), undefined],
    ["image: [a]", 3, 12, "image must be text, not a list", undefined],
    ["image:", 3, 11, "image must be text, not empty", undefined],
    ["user: root:root", 3, 11, expect.stringMatching(/^user must be yours/), undefined],
    ["environment: { A: true }", 3, 23, "environment.A must be text", "write it in quotes"],
    ["environment: { A: [1] }", 3, 23, "environment.A must be text, not a list", undefined],
    [
      "environment: { HOME: /x }",
      3,
      20,
      expect.stringMatching(/^environment.HOME is set by devkit/),
      undefined,
    ],
    ["environment: [A=1, A=2]", 3, 24, 'environment[1] sets "A" again', undefined],
    ["environment: 3", 3, 18, "environment must be a map, not the number 3", undefined],
    ["volumes: /a:/b", 3, 14, "volumes must be a list", undefined],
    ["volumes: [/data]", 3, 15, 'volumes[0] has no name: "/data"', 'such as "data:/data"'],
    ["volumes: ['./a:/b:z']", 3, 15, expect.stringMatching(/^volumes\[0\] must be a mount/), undefined],
    [
      "volumes: [{ type: tmpfs, source: a, target: /b }]",
      3,
      15,
      'volumes[0] cannot be of the type "tmpfs"',
      "there are: bind, volume",
    ],
    ["volumes: [{ type: bind, target: /b }]", 3, 15, "volumes[0] has no source", undefined],
    [
      "volumes: [{ type: volume, source: ./a, target: /b }]",
      3,
      15,
      'volumes[0] has a path as the name of a volume: "./a"',
      undefined,
    ],
    [
      "volumes: [{ type: bind, source: /a, target: /b, read_only: 1 }]",
      3,
      64,
      "volumes[0].read_only must be true or false",
      undefined,
    ],
    [
      "env_file: [{ path: a, required: false }]",
      3,
      37,
      "env_file[0].required can only be true",
      "a file that is not there is an error",
    ],
    ["env_file: [{ required: true }]", 3, 16, "env_file[0] has no path", undefined],
    ["command: echo 'a", 3, 14, "command has a quote that stays open", undefined],
    [
      "build: { dockerfile_inline: FROM a }",
      3,
      14,
      `build.dockerfile_inline ${outside}`,
      "write it to a file that dockerfile names",
    ],
    [
      "build: https://example.com/a.git",
      3,
      12,
      expect.stringMatching(/^build must be a directory of this machine/),
      undefined,
    ],
    [
      "deploy: { replicas: 3 }",
      3,
      15,
      `deploy.replicas ${outside}`,
      "devkit agent up N says how many agents there are",
    ],
    [
      "image: ${NOT_SET}",
      3,
      12,
      "image: the variable NOT_SET is not set",
      "set NOT_SET in your environment, or write ${NOT_SET:-default}",
    ],
    ["command: echo $", 3, 14, "command: a single $ that begins no variable", expect.stringContaining("$$")],
  ])("%s", async (line, ...wanted) => {
    expect(await refused(service(line))).toEqual([wanted]);
  });

  it.each([
    ["networks: {}\n", 1, 1, `networks ${outside}`, network],
    ["servces: {}\n", 1, 1, `servces ${outside}`, 'did you mean "services"?'],
    ["services:\n  b: {}\n", 2, 3, "b is a second service", "an overlay has one, which stands for the agent"],
    ["volumes: { a: { driver: nfs } }\n", 1, 17, `volumes.a.driver ${outside}`, "there are: "],
  ])("%j beside its service", async (more, line, column, message, hint) => {
    const text = more.startsWith("services")
      ? `services:\n  a: { cpus: 1 }\n${more.slice(10)}`
      : `${more}${service("cpus: 1")}`;
    const shift = more.startsWith("services") ? 1 : 0;
    expect(await refused(text)).toEqual([
      [line + shift, column, message.replace("b is", "services.b is"), hint],
    ]);
  });

  it("is told all at once, in the order of the file", async () => {
    const problems = await refused(
      service("privileged: true", "mem_limit: lots", "environment: { 1A: x }", "cap_add: [ALL]"),
    );
    expect(problems.map(([line, column]) => [line, column])).toEqual([
      [3, 5],
      [4, 16],
      [5, 20],
      [6, 5],
    ]);
  });

  it("is the same limit said twice with different values", async () => {
    const twice = "deploy: { resources: { limits: { memory: 2g } } }";
    expect(await refused(service("mem_limit: 1g", twice))).toEqual([
      [4, 38, "deploy.resources.limits.memory says something else than mem_limit", "say it once"],
    ]);
    expect((await settingsOf(service("mem_limit: 2g", twice))).container.memory).toBe(2 * 1024 ** 3);
  });

  it("is both an image and a build", async () => {
    expect(await refused(service("image: a", "build: ."))).toEqual([
      [3, 5, expect.stringContaining("beside build"), "take it out"],
    ]);
  });

  it.each(["", "# nothing\n", "services:\n", "services: {}\n", "- a\n", "just text\n", "services: { a: }\n"])(
    "is no service: %j",
    async (text) => {
      expect((await refused(text)).length).toBe(1);
    },
  );
});

describe("text that is not YAML as settings have it", () => {
  it.each([
    ["services:\n\tagent:\n", 2, 1, /tab/i],
    ["services:\n  agent: {\n", 3, 1, /flow map/i],
    ["a: 'x\n", 2, 1, /quote/i],
    ["services: {}\nservices: {}\n", 2, 1, /^"services" is there twice$/],
    ["services:\n  a:\n    cpus: 1\n    cpus: 2\n", 4, 5, /^"cpus" is there twice$/],
    ["x-a: { b: { c: 1, 'c': 2 } }\n", 1, 19, /^"c" is there twice$/],
    ["services: {}\n---\nservices: {}\n", 2, 1, /only one document/],
    ["services: *nothing\n", 1, 11, /no anchor &nothing|unresolved alias/i],
    ["x-a: &a { b: *a }\nservices: {}\n", 1, 14, /no anchor &a/],
    ["services: !reset {}\n", 1, 11, /tag/i],
    ["? [a]\n: b\n", 1, 3, /key must be text/],
    ["services: { a: { <<: 3 } }\n", 1, 22, /<< takes a map/],
  ])("%j", async (text, line, column, message) => {
    expect((await refused(text))[0]).toEqual([line, column, expect.stringMatching(message), undefined]);
  });

  it("is refused in little time, however much it is meant to take", async () => {
    const doubling = Array.from(
      { length: 40 },
      (_, n) => `x-${String(n + 1)}: &a${String(n + 1)} { <<: [*a${String(n)}, *a${String(n)}] }`,
    );
    const bombs = [
      `x-0: &a0 { k: 1 }\n${doubling.join("\n")}\nservices: { a: { environment: { <<: *a40 } } }\n`,
      "[".repeat(125_000),
      "- ".repeat(60_000),
      `{${"a: {".repeat(30_000)}`,
      `services:\n  a:\n    environment:\n${Array.from({ length: 6_000 }, (_, n) => `      a${String(n)}:\n`).join("")}`,
      Array.from({ length: 20_000 }, (_, n) => `k${n.toString(36)}:\n`).join(""),
      "\n---".repeat(30_000),
      "&a ".repeat(40_000),
      '"'.repeat(125_000),
      `services: { a: { image: "${"${A:-".repeat(20_000)}" } }`,
    ];
    for (const text of bombs) {
      const started = performance.now();
      const [project, isFine] = [await projectWith(text), text.includes("environment:\n")];
      const outcome = await project.load(["x"]).then(
        () => "fine",
        (error: unknown) => (error as { code?: string }).code,
      );
      expect(outcome).toBe(isFine ? "fine" : "E_CONFIG");
      expect({ text: text.slice(0, 20), took: performance.now() - started < 10_000 }).toMatchObject({
        took: true,
      });
    }
  }, 60_000);

  it("is refused unread when it is large", async () => {
    const project = await projectWith(`# ${"x".repeat(10 * 1024 ** 2)}\n`);
    const error = await errorOf(project.load(["x"]));
    expect(error).toMatchObject({ code: "E_CONFIG", hint: `make ${FILE} smaller` });
    expect(error.message).toBe(`${FILE}: is larger than 128 KiB, which no settings need`);
  });
});
