import { expect, it } from "vitest";
import { formatAllowEntry, parseAllowEntry } from "../../../../src/domain/egress/allow-entry.js";

it.each([
  ["GitHub.com:443", "github.com"],
  ["*.Example.com", "*.example.com"],
  ["preset:npm", "preset:npm"],
  ["Preset:GitHub", "preset:github"],
])("%s is %s", (text, shown) => {
  const parsed = parseAllowEntry(text);
  expect(parsed.ok && formatAllowEntry(parsed.entry)).toBe(shown);
});

it.each([
  ["preset:", 'there is no preset ""'],
  ["preset:__proto__", 'there is no preset "__proto__"'],
  ["preset:\u001b[2J", 'there is no preset "·[2j"'],
  ["npm", '"npm" is a preset; write it as "preset:npm"'],
  ["10.0.0.1", '"10.0.0.1" is an IP address; only names can be allowed'],
])("%j is refused", (text, problem) => {
  const parsed = parseAllowEntry(text);
  expect(parsed.ok ? "" : parsed.problem.split("; there are")[0]).toBe(problem);
});
