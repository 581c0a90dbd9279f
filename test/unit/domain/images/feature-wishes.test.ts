import { expect, test } from "vitest";
import { featureWishes } from "../../../../src/domain/images/feature-wishes.js";

test("what features ask for at run time is named, for each feature", () => {
  const label = JSON.stringify([
    { remoteUser: "vscode", privileged: true },
    {
      id: "ghcr.io/a/docker:1",
      privileged: true,
      entrypoint: "/init",
      mounts: [{ target: "/d" }],
      capAdd: [],
    },
    { id: "./0/plain", mounts: [], postCreateCommand: "", privileged: false, customizations: { vscode: {} } },
    { id: "./1/late", postCreateCommand: { a: "b" } },
  ]);
  expect(featureWishes(label)).toEqual([
    "the feature ghcr.io/a/docker:1 also asks for mounts, privileged, entrypoint, which agents do not get from it",
    "the feature ./1/late also asks for postCreateCommand, which agents do not get from it",
  ]);
});

test.each([undefined, "", "{", "null", "[null, 1]", '"x"'])(
  "an image with the label %j asks for nothing",
  (label) => {
    expect(featureWishes(label)).toEqual([]);
  },
);
