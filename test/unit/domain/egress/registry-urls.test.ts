import { expect, it } from "vitest";
import { registryHosts, showUrl } from "../../../../src/domain/egress/registry-urls.js";
import { isAskedPreset, isPresetName, presetList, PRESETS } from "../../../../src/domain/egress/presets.js";
import { parseHostPattern } from "../../../../src/domain/egress/host-pattern.js";

it("hosts are sorted, each once, whatever the path, the prefix or the user", () => {
  const urls = [
    "https://npm.example.com/a/",
    "https://NPM.example.com:443/b",
    "https://robot:geheim@a.example.com/simple?token=x",
    "sparse+https://index.example.com/",
    "mirror+https://apt.example.com/list",
    " https://b.example.com. ",
  ];
  expect(registryHosts(urls)).toEqual({
    hosts: ["a.example.com", "apt.example.com", "b.example.com", "index.example.com", "npm.example.com"],
    unusable: [],
  });
});

it.each([
  ["http://npm.example.com/", "is http, and agents reach only https"],
  ["ssh://git@git.example.com/index", "is ssh, and agents reach only https"],
  ["https://npm.example.com:8443/x", "is on port 8443, and agents reach only port 443"],
  ["https://10.0.0.7/simple", 'cannot be allowed: "10.0.0.7" is an IP address; only names can be allowed'],
  ["https://0x7f.1/simple", 'cannot be allowed: "127.0.0.1" is an IP address; only names can be allowed'],
  ["https://nexus/simple", 'cannot be allowed: "nexus" has no dot, so it is no name that can be allowed'],
  ["nonsense", "is no URL"],
])("%s is named as one that agents cannot reach", (url, why) => {
  expect(registryHosts([url, url])).toEqual({ hosts: [], unusable: [{ url: showUrl(url), why }] });
});

it.each(["", "file:///opt/wheels", "./wheels", "/opt/wheels", "cdrom:[Debian]/", "~/wheels"])(
  "%j is no host at all",
  (url) => {
    expect(registryHosts([url])).toEqual({ hosts: [], unusable: [] });
  },
);

it.each([
  ["http://robot:geheim@a.example.com/x?token=geheim#geheim", "http://a.example.com/x"],
  ["http://robot:ge@heim@a.example.com:8081/x", "http://a.example.com:8081/x"],
  ["robot:geheim@a.example.com:x", "a.example.com:x"],
  ["http://a.example.com/\u001b[2J", "http://a.example.com/·[2J"],
])("%s is shown without secrets", (url, shown) => {
  expect(showUrl(url)).toBe(shown);
  expect(JSON.stringify(registryHosts([url]))).not.toContain("heim");
});

it("plain lists hold names that can be allowed", () => {
  const lists = PRESETS.filter((preset) => !isAskedPreset(preset));
  expect(lists).toEqual(["github", "codex", "claude"]);
  for (const host of lists.flatMap(presetList))
    expect(parseHostPattern(host)).toMatchObject({ ok: true, pattern: { host } });
  expect(["npm", "toString", "constructor", ""].map(isPresetName)).toEqual([true, false, false, false]);
});
