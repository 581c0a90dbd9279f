import { describe, expect, it } from "vitest";
import { configErrorOf, createProject, problemsOf } from "./temp-project.js";

const NAME = 'each of egress.allow must be a name such as "github.com", "*.example.com" or "preset:npm"';
const NETWORK = 'egress.pool must be an IPv4 network such as "10.213.0.0/16"';
const PRIVATE = 'each of egress.private must be a name such as "mirror.example.com"';
const RANGES = "10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10, 198.18.0.0/15";
const PRESETS = "npm, pip, cargo, go, maven, coursier, apt, github, codex, claude";

describe("a wrong value", () => {
  it.each([
    // [line, column, message]
    [
      'egress.allow = "github.com"',
      16,
      'egress.allow must be a list of names, such as ["github.com", "preset:npm"], not "github.com"',
    ],
    ['egress.allow = ["github.com", 3]', 31, `${NAME}, not the number 3`],
    ['egress.allow = ["10.0.0.1"]', 17, `${NAME}: "10.0.0.1" is an IP address; only names can be allowed`],
    [
      'egress.allow = ["github.com:80"]',
      17,
      `${NAME}: "github.com:80" names a port; agents reach only port 443; write only the name: github.com`,
    ],
    [
      'egress.allow = ["https://a.example.com/x"]',
      17,
      `${NAME}: "https://a.example.com/x" is a URL; write only the name: a.example.com`,
    ],
    ['egress.allow = ["preset:yarn"]', 17, `${NAME}: there is no preset "yarn"; there are: ${PRESETS}`],
    ['egress.allow = ["npm"]', 17, `${NAME}: "npm" is a preset; write it as "preset:npm"`],
    ["egress.private = [7]", 19, `${PRIVATE}, not the number 7`],
    ['egress.private = ["*.example.com"]', 19, `${PRIVATE}: wildcards are not taken here`],
    [
      'egress.private = ["10.0.0.1"]',
      19,
      `${PRIVATE}: "10.0.0.1" is an IP address; only names can be allowed`,
    ],
    [
      'egress.private = ["preset:npm"]',
      19,
      `${PRIVATE}: "preset:npm" is a preset, and presets stand only in [egress] allow`,
    ],
    ["egress.pool = 10", 15, `${NETWORK}, not the number 10`],
    ['egress.pool = "10.0.0.0"', 15, `${NETWORK}, not "10.0.0.0"`],
    ['egress.pool = "fd00::/64"', 15, `${NETWORK}, not "fd00::/64"`],
    ['egress.pool = "10.0.0.0/27"', 15, 'egress.pool must be a network from /8 to /26, not "10.0.0.0/27"'],
    [
      'egress.pool = "10.213.0.1/16"',
      15,
      'egress.pool must be written as the address of the network, "10.213.0.0/16", not "10.213.0.1/16"',
    ],
    [
      'egress.pool = "8.8.0.0/16"',
      15,
      `egress.pool must be part of a private range (${RANGES}), not "8.8.0.0/16"`,
    ],
    [
      'project.profiles = ["dsn"]',
      21,
      'each of project.profiles must be "hardened" or "dns" or "open", not "dsn"',
    ],
    [
      'project.profiles = "dns"',
      20,
      'project.profiles must be a list of profiles, such as ["hardened"], not "dns"',
    ],
  ])("%s", async (line, column, message) => {
    const error = await configErrorOf(`\n${line}\n`);
    expect(error).toMatchObject({ code: "E_CONFIG", exitCode: 2 });
    expect(problemsOf(error)).toEqual([{ file: "devkit.toml", line: 2, column, message, sourceLine: line }]);
  });

  it("is told for every entry that has one", async () => {
    const error = await configErrorOf('[egress]\nallow = [\n  "a",\n  "b.example.com",\n  "1.2.3.4",\n]\n');
    expect(problemsOf(error).map(({ line, column }) => [line, column])).toEqual([
      [3, 3],
      [5, 3],
    ]);
  });

  it("of [project] cannot come from an overlay", async () => {
    const project = await createProject();
    await project.write("shipped/x/overlay.toml", 'project.profiles = ["open"]\n');
    await expect(project.load(["x"])).rejects.toMatchObject({ code: "E_CONFIG" });
  });
});
