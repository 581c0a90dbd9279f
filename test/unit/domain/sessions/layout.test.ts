import { expect, test } from "vitest";
import { layoutOverlays, windowKeys, type LayoutWindow } from "../../../../src/domain/sessions/layout.js";
import {
  agentSessionNames,
  isSessionName,
  sessionNames,
} from "../../../../src/domain/sessions/session-names.js";
import { sessionTitle } from "../../../../src/domain/sessions/session-title.js";
import { projectOf } from "../../../../src/domain/identity/project.js";

const one = { index: 1, name: "agent-1" };
const ten = { index: 10, name: "agent-10" };
const window = (more: Partial<LayoutWindow> = {}): LayoutWindow => ({
  ...{ agent: one, path: undefined, name: undefined, command: undefined, overlay: undefined },
  ...more,
});

test("an agent gets the overlays of all, then its own, each once", () => {
  const overlays = [
    { name: "all", agents: undefined },
    { name: "ten", agents: [ten] },
  ];
  const windows = [window({ overlay: "own" }), window({ overlay: "all" }), window({ agent: ten })];
  const layout = { session: "x", count: undefined, overlays, windows };
  expect(layoutOverlays(layout, one)).toEqual(["all", "own"]);
  expect(layoutOverlays(layout, ten)).toEqual(["all", "ten"]);
});

test("a window is the same whatever its title, and a second one like it is another", () => {
  const windows = [
    ...[window(), window({ name: "x" }), window({ agent: ten }), window({ path: "src" })],
    ...[window({ command: "src" }), window({ command: ["src"] }), window({ path: "src", name: "y" })],
  ];
  const keys = windowKeys(windows);
  expect(keys[0]).toBe("agent-1");
  expect(new Set(keys).size).toBe(keys.length);
  expect(windowKeys([window({ name: "later" })])).toEqual([keys[0]]);
});

test("sessions have names that tmux takes as they are, whatever the project is called", () => {
  for (const name of ["my.repo:x", "demo", "…", "a b", "-x", "=a", "x".repeat(200), "日本", "$3", "@1"]) {
    const project = projectOf({ root: `/src/${name}`, commonDir: `/src/${name}/.git`, stateHome: "/s" });
    const names = [...agentSessionNames(project, "agent-1"), ...sessionNames(project, "team")];
    for (const each of names) expect([each, isSessionName(each)]).toEqual([each, true]);
    expect(new Set(names).size).toBe(6);
  }
});

test.each(["", "a:b", "a.b", "=a", "-a", "$1", "@1", "%1", "a\nb", "x".repeat(101), "~"])(
  "%j is no session's name",
  (name) => {
    expect(isSessionName(name)).toBe(false);
  },
);

test("a title names agent and branch, in one line", () => {
  expect(sessionTitle("agent-1", "agent/agent-1/tsk-1")).toBe("agent-1 · agent/agent-1/tsk-1");
  expect(sessionTitle("agent-1", undefined)).toBe("agent-1");
  expect(sessionTitle("agent-1", "a\u001b[2Jb\u202e")).toBe("agent-1 · a·[2Jb·");
});
