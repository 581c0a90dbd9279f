import { describe, expect, test } from "vitest";
import { workspacePlaces } from "../../../../src/config/devcontainer/read-workspace.js";

describe("the worktree is where the specification has it", () => {
  test.each([
    ["by default", {}, "/workspaces/app", "/workspaces/app"],
    [
      "with a folder in it",
      { workspaceFolder: "/workspaces/app/web" },
      "/workspaces/app",
      "/workspaces/app/web",
    ],
    ["where it is asked for", { workspaceMount: "source=/src/app,dst=/app" }, "/app", "/app"],
    ["with a slash at its end", { workspaceMount: "target=/app/" }, "/app", "/app"],
    ["both", { workspaceMount: "target=/app", workspaceFolder: "/app/x" }, "/app", "/app/x"],
  ])("%s", (_, data, place, folder) => {
    expect(workspacePlaces(data, "/src/app")).toEqual({ place, folder });
  });

  test.each(["/workspaces/app", "/workspaces/app/inner/app"])(
    "but for a repository that is there itself, in %s, at /workspace",
    (root) => {
      expect(workspacePlaces({}, root).folder).toMatch(/^\/workspace/);
      const data = { workspaceMount: "target=/workspaces/app", workspaceFolder: "/workspaces/app/web" };
      expect(workspacePlaces(data, root)).toEqual({ place: "/workspace", folder: "/workspace/web" });
    },
  );
});
