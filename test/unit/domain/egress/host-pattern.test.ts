import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import {
  ANY_TARGET_REGEX,
  byHost,
  covers,
  formatHostPattern,
  formatHostProblem,
  type HostPattern,
  parseHostPattern,
  toTargetRegex,
} from "../../../../src/domain/egress/host-pattern.js";
import { tempDir } from "../../support/temp.js";

function patternOf(text: string): HostPattern {
  const parsed = parseHostPattern(text);
  if (!parsed.ok) throw new Error(formatHostProblem(parsed.problem));
  return parsed.pattern;
}

function problemOf(text: string): string {
  const parsed = parseHostPattern(text);
  if (parsed.ok) throw new Error(`${text} was taken as ${formatHostPattern(parsed.pattern)}`);
  return formatHostProblem(parsed.problem);
}

const label = (length: number) => "a".repeat(length);
/** A name of exactly that many characters. */
const nameOf = (length: number) => `${`${label(49)}.`.repeat(4)}${label(length - 204)}.com`;

describe("a name", () => {
  it.each([
    ["github.com", "github.com"],
    ["GitHub.COM", "github.com"],
    ["github.com:443", "github.com"],
    ["*.Example.com:443", "*.example.com"],
    ["a_b.x-y.example.co", "a_b.x-y.example.co"],
    ["_dmarc.example.com", "_dmarc.example.com"],
    ["1.2.3.4.example.com", "1.2.3.4.example.com"],
    ["xn--mnchen-3ya.example", "xn--mnchen-3ya.example"],
    [`${label(63)}.example`, `${label(63)}.example`],
    [nameOf(253), nameOf(253)],
  ])("%s is taken as %s", (text, shown) => {
    expect(formatHostPattern(patternOf(text))).toBe(shown);
    expect(patternOf(shown)).toEqual(patternOf(text));
  });

  const address = "is an IP address; only names can be allowed";
  it.each([
    ...["10.0.0.1", "10.0.0.1:443", "127.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0x", "017700000001"],
    ...["0177.0.0.01", "1.2.3.4", "1.2.3", "0", "::1", "[::1]", "[::1]:443", "::ffff:1.2.3.4", "fe80::1"],
    ...["2001:db8::1:443", "a.1", "*.1", "*.0x7f"],
  ])("%s is refused as an address", (text) => {
    expect(problemOf(text)).toBe(`"${text}" ${address}`);
  });

  const port = "names a port; agents reach only port 443";
  it.each([
    ["", '"" is empty'],
    ["github.com:80", `"github.com:80" ${port}; write only the name: github.com`],
    ["github.com:0443", `"github.com:0443" ${port}; write only the name: github.com`],
    ["github.com:", `"github.com:" ${port}; write only the name: github.com`],
    ["github.com:65979", `"github.com:65979" ${port}; write only the name: github.com`],
    ["github.com.", '"github.com." ends with a dot; write only the name: github.com'],
    ["https://github.com", '"https://github.com" is a URL; write only the name: github.com'],
    [
      "https://Example.com:8443/a/b?c#d",
      '"https://Example.com:8443/a/b?c#d" is a URL; write only the name: example.com',
    ],
    ["https://10.0.0.1/", '"https://10.0.0.1/" is a URL'],
    [
      "https://user:geheim@example.com/x",
      '"https://…@example.com/x" is a URL; write only the name: example.com',
    ],
    ["user:geheim@example.com", '"…@example.com" has a user\'s name in it; write only the name: example.com'],
    [
      "github.com:443@evil.com:443",
      '"…@evil.com:443" has a user\'s name in it; write only the name: evil.com',
    ],
    [
      "git@github.com:team/app.git",
      '"…@github.com:team/app.git" has a user\'s name in it; write only the name: github.com',
    ],
    ["example.com/path", '"example.com/path" has more in it than a name; write only the name: example.com'],
    [
      "evil.com#.github.com",
      '"evil.com#.github.com" has more in it than a name; write only the name: evil.com',
    ],
    ["example.com%00", '"example.com%00" has more in it than a name'],
    [
      " github.com",
      '" github.com" has a space or a control character in it; write only the name: github.com',
    ],
    ["github.com\nevil.com", '"github.com·evil.com" has a space or a control character in it'],
    ["github.com\u0000", '"github.com·" has a space or a control character in it'],
    ["localhost", '"localhost" has no dot, so it is no name that can be allowed'],
    ["*.com", '"*.com" covers a whole top-level domain'],
    ["*", '"*" is every name there is; for that there is [project] profiles = ["open"]'],
    [
      "*example.com",
      '"*example.com" has a * in a place of its own choosing; it stands for whole labels, first: *.example.com; write only the name: *.example.com',
    ],
    [
      "a.*.com",
      '"a.*.com" has a * in a place of its own choosing; it stands for whole labels, first: *.example.com',
    ],
    [
      "*.*.example.com",
      '"*.*.example.com" has a * in a place of its own choosing; it stands for whole labels, first: *.example.com',
    ],
    ["a..example.com", '"a..example.com" has an empty part between its dots'],
    [".example.com", '".example.com" has an empty part between its dots'],
    [
      "-a.example.com",
      '"-a.example.com" cannot be a name: "-a" may have letters, digits, - and _, and no - at its ends',
    ],
    [
      "a-.example.com",
      '"a-.example.com" cannot be a name: "a-" may have letters, digits, - and _, and no - at its ends',
    ],
    [
      "a,b.example.com",
      '"a,b.example.com" cannot be a name: "a,b" may have letters, digits, - and _, and no - at its ends',
    ],
    ["example.c", '"example.c" cannot be a name: no top-level domain is called "c"'],
    ["example.c_m", '"example.c_m" cannot be a name: no top-level domain is called "c_m"'],
    [
      "münchen.example",
      '"münchen.example" has letters that names on the network cannot have; write only the name: xn--mnchen-3ya.example',
    ],
    ["１２７.0.0.1x", '"１２７.0.0.1x" has letters that names on the network cannot have'],
    ["preset:npm", '"preset:npm" is a preset, and presets stand only in [egress] allow'],
    [`${label(64)}.example`, `"${label(64)}.example" has a part of more than 63 characters`],
    [nameOf(254), `"${nameOf(254).slice(0, 79)}…" is longer than the 253 characters of a name`],
  ])("%j is refused", (text, problem) => {
    expect(problemOf(text)).toBe(problem);
  });

  it("is never hinted at when it could not be allowed either", () => {
    for (const text of [
      "https://１２７.0.0.1/",
      "https://localhost/",
      "http://[::1]/",
      "https://*/",
      "ssh://x",
    ])
      expect(problemOf(text)).not.toContain("write only");
  });
});

describe("covers", () => {
  it.each([
    ["a.example.com", "a.example.com", true],
    ["*.example.com", "a.example.com", true],
    ["*.example.com", "b.a.example.com", true],
    ["*.example.com", "*.a.example.com", true],
    ["*.example.com", "*.example.com", true],
    ["*.example.com", "example.com", false],
    ["*.example.com", "evilexample.com", false],
    ["example.com", "*.example.com", false],
    ["example.com", "a.example.com", false],
    ["*.a.example.com", "*.example.com", false],
  ])("%s, %s: %s", (outer, inner, answer) => {
    expect(covers(patternOf(outer), patternOf(inner))).toBe(answer);
  });
});

it("byHost puts names in the order of the alphabet, each before its wildcard", () => {
  const sorted = ["*.b.com", "c.com", "b.com", "a.b.com"].map(patternOf).sort(byHost);
  expect(sorted.map(formatHostPattern)).toEqual(["a.b.com", "b.com", "*.b.com", "c.com"]);
});

/** What both the proxy's regular expressions and JavaScript's make of these targets. */
async function matches(regex: string, targets: readonly string[]): Promise<string[]> {
  const file = path.join(await tempDir(), "filter");
  writeFileSync(file, `${regex}\n`);
  const matched = (options: string[]) => {
    try {
      const input = `${targets.join("\n")}\n`;
      const env = { LC_ALL: "C" };
      return execFileSync("/bin/grep", ["-aE", ...options, "-f", file], { input, env })
        .toString()
        .trimEnd()
        .split("\n");
    } catch (error) {
      if ((error as { status?: number }).status === 1) return [];
      throw error;
    }
  };
  expect(matched([])).toEqual(targets.filter((target) => new RegExp(regex).test(target)));
  expect(matched(["-i"])).toEqual(targets.filter((target) => new RegExp(regex, "i").test(target)));
  return matched(["-i"]);
}

/** Targets that look like a host's, and are not. */
function lookAlikes(host: string): string[] {
  const [first = "", ...rest] = host.split(".");
  const undotted = host.replaceAll(".", "x");
  return [
    ...[`evil${host}:443`, `evil-${host}:443`, `${host}.evil.com:443`, `${host}evil:443`, `${undotted}:443`],
    ...[`${first}x${rest.join(".")}:443`, `${host}.:443`, `.${host}:443`, `..${host}:443`, ` ${host}:443`],
    ...[
      `${host}:80`,
      `${host}:4430`,
      `${host}:1443`,
      `${host}:65979`,
      `${host}:0443`,
      `${host}:`,
      host,
      `${host}:443 `,
    ],
    ...[`${host}:443@evil.com:443`, `evil.com:443@${host}`, `evil.com#.${host}:443`, `evil.com#${host}:443`],
    ...[`evil.com@${host}:443`, `user:pass@${host}:443`, `evil.com/.${host}:443`, `evil.com?.${host}:443`],
    ...[`http://${host}:443`, `https://${host}/`, `http://${host}:443/`, `${host}:443/`, `${host}:443#`],
    ...[`evil.com%00.${host}:443`, `evil.com\t.${host}:443`, `evil.com\\.${host}:443`, `[::1].${host}:443`],
    ...[`${host}%2eevil.com:443`, `é.${host}:443`, `*.${host}:443`, `10.0.0.1:443`, `[::1]:443`, `:443`, ""],
    ...(rest.length > 1
      ? [`${rest.join(".")}:443`, `other.${rest.join(".")}:443`]
      : [`${rest.join(".")}:443`]),
  ];
}

describe("toTargetRegex", () => {
  it("has the form that the proxy is known to take", () => {
    expect(toTargetRegex(patternOf("ssh.github.com"))).toBe("^ssh\\.github\\.com:443$");
    expect(toTargetRegex(patternOf("*.github.com"))).toBe("^([a-z0-9_-]+\\.)+github\\.com:443$");
  });

  it.each(["github.com", "a-b.c_d.example.co.uk", "x1.y2.z3.org", "a.bc"])(
    "lets through exactly %s, in any case, and none that looks like it",
    async (host) => {
      const good = [`${host}:443`, `${host.toUpperCase()}:443`];
      const below = [`sub.${host}:443`, `a.b.${host}:443`, `_x.${host}:443`];
      const exact = toTargetRegex(patternOf(host));
      expect(await matches(exact, [...good, ...below, ...lookAlikes(host)])).toEqual(good);
      const wildcard = toTargetRegex(patternOf(`*.${host}`));
      expect(await matches(wildcard, [...good, ...below, ...lookAlikes(host)])).toEqual(below);
    },
  );

  it("stays within the line that the proxy reads, for the longest names too", () => {
    const dotted = `${"a.".repeat(124)}com`;
    for (const text of [nameOf(253), dotted, `*.${dotted}`])
      expect(toTargetRegex(patternOf(text)).length).toBeLessThan(480);
  });
});

it("profile open lets names through on any port, and no address", async () => {
  const good = ["github.com:443", "a.b.example.com:80", "x_y.example.io:65535"];
  const bad = [
    "10.0.0.1:443",
    "1.2.3:443",
    "0x7f.1:80",
    "2130706433:80",
    "localhost:80",
    "[::1]:443",
    "::1:443",
  ];
  const odd = [
    "a@b.com:443",
    "http://a.com:80",
    "a.com",
    "a.com:",
    "a.com:x",
    ".com:1",
    "a..com:1",
    "a.com.:1",
    "a#b.com:1",
  ];
  expect(await matches(ANY_TARGET_REGEX, [...good, ...bad, ...odd])).toEqual(good);
});
